import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createFasterDurations } from '../../scripts/rules/rule.ts';
import { formatRuleFiles } from '../../scripts/rules/ruleFiles.ts';
import { startServe, until } from './program.ts';
import { startPrometheus } from './prometheusServer.ts';
import type { PromAlert } from './prometheusServer.ts';

const MIB = 2 ** 20;

function listYaml(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${dir}/${name}`);
}

function runPromtool(...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

test('promtool accepts the rules as they are shipped', () => {
  const { status, output } = runPromtool('check', 'rules', ...listYaml('rules'));
  expect({ status, output }).toMatchObject({ status: 0 });
  expect(output.match(/SUCCESS: \d+ rules found/g)).toHaveLength(3);
});

test.each(listYaml('test/rules').filter((path) => !path.endsWith('limits.yaml')))(
  'every case of %s holds',
  (path) => {
    expect(runPromtool('test', 'rules', path)).toMatchObject({ status: 0 });
  },
);

test('a program that suddenly uses more memory is told by a firing alert, and not before', async () => {
  // 6 hours pass in 90 seconds. The program doubles up after 60 simulated seconds, 30 real ones.
  const timed = createFasterDurations(240);
  const exporter = await startServe('--source', 'simulator', '--simulator.speed', '2');
  const prometheus = await startPrometheus(
    `global: {scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}
rule_files: ['*.yaml']
scrape_configs:
  - job_name: damon
    static_configs: [{targets: ['${new URL(exporter.url).host}']}]
`,
    formatRuleFiles(timed),
  );
  const findSpike = async (): Promise<PromAlert | undefined> =>
    (await prometheus.listAlerts()).find(
      ({ labels }) => labels['alertname'] === 'DamonWssSpike' && labels['command'] === 'batch',
    );
  const readWss = async (): Promise<number> => {
    const [wss] = await prometheus.queryUntilFound(
      'damon_wss_bytes * on (kdamond, context, target) group_left (command) damon_target_info{command="batch"}',
    );
    return Number(wss?.value[1]);
  };
  try {
    await prometheus.queryUntilFound(
      `present_over_time(target:damon_wss_bytes:mean5m{command="batch"}[${timed('5h')}] offset ${timed('1h')})`,
    );
    expect(await findSpike()).toBeUndefined();
    expect(await readWss()).toBeLessThan(100 * MIB);

    const spike = await until(async () => {
      const found = await findSpike();
      return found?.state === 'firing' ? found : undefined;
    }, 'the alert fires');
    expect(await readWss()).toBeGreaterThan(200 * MIB);
    expect(spike.labels).toMatchObject({ severity: 'warning', kdamond: '0', target: '1' });
    expect(spike.annotations['summary']).toContain('(batch)');
    const [fired] = await prometheus.query(
      'count_over_time(ALERTS{alertname="DamonWssSpike",alertstate="firing",command="web-frontend"}[5m])',
    );
    expect(fired).toBeUndefined();
  } finally {
    await prometheus.stop();
    await exporter.stop();
  }
});
