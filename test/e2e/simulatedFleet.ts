import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createFasterDurations } from '../../scripts/rules/rule.ts';
import { formatRuleFiles } from '../../scripts/rules/ruleFiles.ts';
import { startOtlpReceiver } from '../support/otlpReceiver.ts';
import { startServe, until } from './program.ts';
import type { RunningProgram } from './program.ts';
import { startPrometheus } from './prometheusServer.ts';
import type { PrometheusServer, PromResult } from './prometheusServer.ts';

/** A host with two kdamonds of an operator, and one with nothing but DAMON_STAT. */
export type Scene = 'operator' | 'damon_stat';

/** Simulated hosts and the Prometheus that scrapes them, with the shipped rules 60 times as fast. */
export interface SimulatedFleet {
  readonly prometheus: PrometheusServer;
  /** Label `instance` of each host. */
  readonly hosts: Readonly<Record<Scene, string>>;
  /** Waits until the query has an answer that says something. */
  expectData(query: string): Promise<void>;
  stop(): Promise<void>;
}

function startSimulator(...args: readonly string[]): Promise<RunningProgram> {
  return startServe('--source', 'simulator', '--simulator.speed', '5', ...args);
}

/** One that runs, one that waits; both files are bad by now, so that the last reloads have failed. */
async function startConfigured(dir: string): Promise<RunningProgram> {
  const path = join(dir, 'damon.yaml');
  writeFileSync(
    path,
    `kdamonds:
  - name: machine
    contexts:
      - ops: paddr
        targets: []
        probes:
          - {name: anonymous, filters: [{filter_type: anon, matching: true, allow: true}]}
        schemes:
          - {name: anonymous, action: stat, filters: [{filter_type: anon, matching: false}]}
          - {name: observe, action: stat}
  - {name: absent, contexts: [{ops: vaddr, targets: [{process: {name: absent}}]}]}
`,
  );
  const webPath = join(dir, 'web.yaml');
  writeFileSync(
    webPath,
    'http_server_config: { headers: { Strict-Transport-Security: max-age=60 } }\n',
  );
  const exporter = await startSimulator('--config.file', path, '--web.config.file', webPath);
  writeFileSync(path, 'kdamonds: 5\n');
  writeFileSync(webPath, 'rate_limit: 5\n');
  exporter.child.kill('SIGHUP');
  return exporter;
}

function hostOf({ url }: RunningProgram): string {
  return new URL(url).host;
}

function isData({ value }: PromResult): boolean {
  return value[1] !== 'NaN';
}

/** Starts everything; the operator's exporter also records and pushes. */
export async function startSimulatedFleet(): Promise<SimulatedFleet> {
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-fleet-'));
  const collector = await startOtlpReceiver();
  const operator = await startSimulator(
    ...['--record.path', join(dir, 'damon.data')],
    ...['--otlp.endpoint', collector.url, '--otlp.interval', '1s'],
  );
  const damonStat = await startSimulator('--simulator.scene', 'damon_stat');
  const configured = await startConfigured(dir);
  // One that was there and is not any more, so that an alert fires; it could not tell everything.
  const gone = await startSimulator('--simulator.scene', 'idle', '--metrics.max-series', '2');
  const prometheus = await startPrometheus(
    `global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 500ms}
rule_files: ['*.yaml']
scrape_configs:
  - job_name: damon
    static_configs:
      - {targets: ['${hostOf(operator)}'], labels: {cluster: one}}
      - {targets: ['${hostOf(damonStat)}', '${hostOf(configured)}', '${hostOf(gone)}']}
`,
    formatRuleFiles(createFasterDurations(60)),
  );
  await prometheus.queryUntilFound('count(damon_exporter_build_info) == 4');
  await prometheus.queryUntilFound('increase(damon_exporter_series_dropped_total[1m]) > 0');
  await gone.stop();
  return {
    prometheus,
    hosts: { operator: hostOf(operator), damon_stat: hostOf(damonStat) },
    expectData: async (query) => {
      const data = await until(async () => {
        const result = await prometheus.query(query);
        return result.some(isData) ? result : undefined;
      }, `it returns data: ${query}`);
      expect(data.every(isData)).toBe(true);
    },
    stop: async () => {
      await prometheus.stop();
      await operator.stop();
      await damonStat.stop();
      await configured.stop();
      collector.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
