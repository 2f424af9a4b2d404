import type { KdamondConfig } from '../../config/config.ts';
import { isSince } from '../../damon/capabilities.ts';
import type { Capability } from '../../damon/capabilities.ts';
import type { KdamondSpec } from '../../damon/spec.ts';
import { listNeededCapabilities } from '../../kernel/writePlan.ts';
import { planKdamonds } from '../../reconcile/planKdamonds.ts';
import { createSimulatedKernel } from '../../simulator/simulatedKernel.ts';
import { createBusyRetry } from '../kernelAccess.ts';

/** The newest kernel this program knows everything of. */
const NEWEST = '7.2';

/** The first with DAMON in sysfs. */
const OLDEST = '5.18';

/** Which process and which memory it is makes no difference to what a kernel has. */
function makeSpec({ context, schemes, targets, refreshMs }: KdamondConfig): KdamondSpec {
  const region = { startAddr: 0n, endAddr: 1n << 30n };
  const target = targets.kind === 'physical' ? { regions: [region] } : { pid: 1, regions: [] };
  return {
    // Asked for by this program where it is to be had.
    refreshMs: refreshMs ?? 0,
    contexts: [{ ...context, schemes, targets: [target] }],
  };
}

/**
 * What the newest feature is that a kdamond asks for; undefined where the first DAMON with sysfs
 * (5.18) has it all.
 *
 * @throws KernelError for what even the newest kernel lacks.
 */
export async function findNewestNeed(config: KdamondConfig): Promise<Capability | undefined> {
  const { fs } = createSimulatedKernel({ version: NEWEST, seed: 1, isDamonStatOn: false });
  const { retry } = createBusyRetry();
  const { kdamonds } = await planKdamonds({ fs, retry }, [makeSpec(config)], {
    running: [],
    scratch: fs,
  });
  const newest = kdamonds
    .flatMap(({ writes }) => listNeededCapabilities(writes))
    .reduce<Capability | undefined>(
      (best, one) => (best !== undefined && isSince(best.since, one.since) ? best : one),
      undefined,
    );
  return newest === undefined || isSince(OLDEST, newest.since) ? undefined : newest;
}
