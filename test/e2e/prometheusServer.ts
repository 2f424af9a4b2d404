import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../support/freePort.ts';
import { until } from './program.ts';

export interface PromResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface PromAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

export interface PrometheusServer {
  readonly url: string;
  readonly readLog: () => string;
  /** @throws Error with what Prometheus says of an expression it does not take. */
  query(expression: string): Promise<readonly PromResult[]>;
  /** The same once it has a result. */
  queryUntilFound(expression: string): Promise<readonly PromResult[]>;
  listAlerts(): Promise<readonly PromAlert[]>;
  stop(): Promise<void>;
}

async function ask(url: string): Promise<unknown> {
  const answer = (await (await fetch(url)).json()) as { error?: string; data: unknown };
  if (answer.error !== undefined) throw new Error(`${url}: ${answer.error}`);
  return answer.data;
}

/** Starts a Prometheus with this configuration, and files beside it by name, and waits until it is ready. */
export async function startPrometheus(
  config: string,
  files: Readonly<Record<string, string>> = {},
): Promise<PrometheusServer> {
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-prometheus-'));
  for (const [name, text] of Object.entries({ ...files, 'prometheus.yml': config })) {
    writeFileSync(join(dir, name), text);
  }
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'tsdb')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--log.level=debug',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`prometheus did not start:\n${log}`);
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    return answer?.ok === true ? answer : undefined;
  }, 'Prometheus is ready');

  const query: PrometheusServer['query'] = async (expression) => {
    const data = await ask(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    return (data as { result: PromResult[] }).result;
  };
  return {
    url,
    readLog: () => log,
    query,
    queryUntilFound: (expression) =>
      until(async () => {
        const result = await query(expression);
        return result.length > 0 ? result : undefined;
      }, expression),
    listAlerts: async () => ((await ask(`${url}/api/v1/alerts`)) as { alerts: PromAlert[] }).alerts,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
