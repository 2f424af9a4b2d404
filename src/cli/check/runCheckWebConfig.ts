import { ExporterError } from '../../base/errors.ts';
import { readWebConfig } from '../../server/webState.ts';
import type { WebInForce } from '../../server/webState.ts';
import { readPackageInfo } from '../packageInfo.ts';

function warn(text: string): void {
  process.stderr.write(`${readPackageInfo().name}: ${text}\n`);
}

function describe({ config }: WebInForce): string {
  const { tls, users, rateLimit } = config;
  return [
    tls === undefined
      ? 'no TLS'
      : `TLS (${tls.minVersion} to ${tls.maxVersion}, ${tls.clientAuthType})`,
    users.size === 0 ? 'no password' : `passwords of ${users.size} users`,
    rateLimit &&
      `at most ${rateLimit.burst} requests at once, one more every ${rateLimit.intervalMs} ms`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/**
 * Says what web configurations ask for.
 *
 * @throws ExporterError when one is wrong, after all of them were looked at.
 */
export function runCheckWebConfig(paths: readonly string[]): void {
  let nrBad = 0;
  for (const path of paths) {
    try {
      const { inForce, warnings } = readWebConfig(path);
      for (const warning of warnings) warn(`warning: ${warning}`);
      process.stdout.write(`${path} is good: ${describe(inForce)}\n`);
    } catch (error) {
      if (!(error instanceof ExporterError) || paths.length === 1) throw error;
      nrBad += 1;
      warn(error.message);
    }
  }
  if (nrBad === 0) return;
  throw new ExporterError(
    'config',
    `check ${paths.length} files: ${nrBad} of them ${nrBad === 1 ? 'is' : 'are'} wrong`,
  );
}
