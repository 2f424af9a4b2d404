import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../support/freePort.ts';
import { until } from './program.ts';

export interface StoredSeries {
  /** The name is `__name__`. */
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  /** Milliseconds since 1970. */
  readonly timestamps: readonly number[];
}

export interface VictoriaMetrics {
  readonly endpoint: string;
  /** Every sample there is. */
  readAll(): Promise<StoredSeries[]>;
  stop(): Promise<void>;
}

const FETCH_SCRIPT = join(import.meta.dirname, '../peers/fetchVictoriaMetrics.sh');

/**
 * A real server that takes OTLP, on the loopback only; it is fetched if need be. Metrics get their
 * Prometheus names by its own rules, labels are those of the points alone.
 */
export async function startVictoriaMetrics(): Promise<VictoriaMetrics> {
  const program = execFileSync(FETCH_SCRIPT, { encoding: 'utf8' }).trim();
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-victoria-'));
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const server = spawn(
    program,
    [
      `-httpListenAddr=${new URL(url).host}`,
      `-storageDataPath=${dir}`,
      '-opentelemetry.usePrometheusNaming',
      '-opentelemetry.promoteAllResourceAttributes=false',
      '-opentelemetry.promoteScopeMetadata=false',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  await until(async () => {
    const health = await fetch(`${url}/health`).catch(() => undefined);
    return health?.ok === true ? health : undefined;
  }, `VictoriaMetrics is up; it said:\n${log}`);
  return {
    endpoint: `${url}/opentelemetry`,
    readAll: async () => {
      await fetch(`${url}/internal/force_flush`);
      const answer = await fetch(`${url}/api/v1/export?match[]={__name__!=""}`);
      const lines = (await answer.text()).split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as StoredSeries);
    },
    stop: async () => {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
