import { formatSize, formatTimeNs } from '../../base/format.ts';
import type { MachineKdamond } from '../../collect/machine.ts';

/** What all schemes together have done so far, in one line. */
export function formatSchemesProgress(
  kdamonds: readonly MachineKdamond[],
  elapsedNs: bigint,
): string {
  const elapsedSeconds = elapsedNs / 1_000_000_000n;
  const schemes = kdamonds.flatMap(({ state }) =>
    (state?.contexts ?? []).flatMap((context) => context.schemes),
  );
  const sum = (of: 'triedBytes' | 'appliedBytes'): string =>
    formatSize(schemes.reduce((total, { stats }) => total + stats[of], 0n));
  return [
    `running ${elapsedSeconds === 0n ? '0 s' : formatTimeNs(elapsedSeconds * 1_000_000_000n)}`,
    `tried ${sum('triedBytes')}`,
    `applied ${sum('appliedBytes')}`,
  ].join(', ');
}
