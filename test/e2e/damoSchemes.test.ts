import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatDamoKdamonds } from '../../src/config/damo/formatDamoKdamonds.ts';
import { parseDamoKdamonds, parseDamoSchemes } from '../../src/config/damo/parseDamoKdamonds.ts';
import type { KdamondSpec, SchemeSpec } from '../../src/damon/spec.ts';
import { DAMO_SUITES, createDamoPeer, findDamoObstacle } from '../peers/damo.ts';
import type { DamoPeer, DamoSuite } from '../peers/damo.ts';
import { askDamoArgs } from '../peers/damoArgs.ts';
import type { DamoArgsOutcome } from '../peers/damoArgs.ts';
import { arbitraryDamoKdamond } from '../support/arbitraryDamoSpec.ts';
import { showDamoNumbers, showSpecNumbers } from '../support/damoNumbers.ts';
import { runProgram } from './program.ts';

/**
 * Kdamonds and schemes there and back: what damo makes of our JSON, and we of damo's. Its own texts
 * are rounded, so that options are compared with numbers that damo's texts can say.
 */

const obstacle = findDamoObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped, ${obstacle}\n`);

const OLD_METRICS: readonly unknown[] = [
  ...['user_input', 'some_mem_psi_us', 'node_mem_used_bp', 'node_mem_free_bp'],
];

/** Less what the damo of Debian 13 refuses. */
function withoutNews(spec: KdamondSpec): KdamondSpec {
  const simplify = (scheme: SchemeSpec): SchemeSpec => ({
    ...scheme,
    action: scheme.action === 'collapse' ? 'stat' : scheme.action,
    quotas: {
      ...scheme.quotas,
      goals: (scheme.quotas.goals ?? []).filter(({ metric }) => OLD_METRICS.includes(metric)),
    },
  });
  return {
    ...spec,
    contexts: spec.contexts.map((one) => ({ ...one, schemes: one.schemes.map(simplify) })),
  };
}

/** Understood by every damo; the number of regions is told, for which the defaults differ. */
const LINES = [
  '--damos_sz_region 2M max --damos_access_rate 90% 100% --damos_age 100ms max --damos_action hugepage --target_pid 7',
  '--target_pid 7 --ops vaddr --regions 4K-1G',
  '--ops paddr --regions 4096-8192',
  '--target_pid 7 --target_pid 8 --nr_targets 1 1 --nr_ctxs 1 1 --damos_action stat --damos_action cold --nr_schemes 1 1 -n 10 -m 1000',
  '--target_pid 7 -s 1ms -a 20ms -u 60s',
  '--target_pid 7 --monitoring_intervals 10ms 1s 2s --monitoring_intervals_goal 4% 3 5ms 10s',
  '--target_pid 7 --damos_action stat --damos_action pageout --damos_sz_region 4K 1M --damos_age 0 1m --damos_age 2m max',
  '--target_pid 7 --damos_action cold --damos_access_rate 0 5 --damos_apply_interval 1s',
  '--ops paddr --regions 4K-8K --damos_action migrate_cold 1 --damos_access_rate min 0% --damos_age 30s max',
  '--target_pid 7 --damos_action pageout --damos_quotas 10 128M 1s 0 3% 7%',
  '--target_pid 7 --damos_action pageout --damos_quotas 10',
  '--target_pid 7 --damos_action pageout --damos_quota_interval 1s --damos_quota_space 1G',
  '--target_pid 7 --damos_action pageout --damos_quota_interval 500 --damos_quota_time 10ms --damos_quota_weights 10 20% 30',
  '--target_pid 7 --damos_action pageout --damos_quota_interval 1s --damos_quota_goal some_mem_psi_us 10ms --damos_quota_goal node_mem_free_bp 0.5% 0',
  '--target_pid 7 --damos_action pageout --damos_quota_interval 1s --damos_quota_goal user_input 9,950 12',
  '--target_pid 7 --damos_action pageout --damos_wmarks free_mem_rate 5s 500 40% 200',
  '--ops paddr --regions 4K-8K --damos_action stat --damos_filter reject none anon',
  '--ops paddr --regions 4K-8K --damos_action stat --damos_filter allow memcg /a',
  '--ops paddr --regions 4K-8K --damos_action stat --damos_filter deny addr 4K 8K',
  '--ops paddr --regions 4K-8K --damos_action stat --damos_filter block hugepage_size 4K 2M',
  '--ops paddr --regions 4K-8K --damos_action stat --damos_filter young nomatching allow',
  '--ops paddr --regions 4K-8K --damos_action stat --damos_filter memcg matching /a pass',
  '--ops paddr --regions 4K-8K --damos_action stat --damos_action cold --damos_filter young matching --damos_filter target matching 1 allow --damos_nr_filters 1 1',
].map((line) => `${line} -n 10 -m 1000`);

const NEW_LINES = [
  '--ops paddr --regions 4K-8M --damon_addr_unit 4K --refresh_stat 1s --pause_ctx 0 --obsolete_targets 0',
  '--ops paddr --regions 4K-8M --monitoring_intervals_autotune --probe_filter allow anon --probe_filter reject non memcg /a --nr_probe_filters 1 1',
  '--ops paddr --regions 4K-8M --damos_action migrate_hot 0 2 1 3 --damos_access_rate 50% max',
  '--target_pid 7 --damos_action collapse --damos_quota_interval 1s --damos_quota_goal node_memcg_used_bp 10% 0 /a --damos_quota_goal active_mem_bp 50%',
  '--target_pid 7 --damos_action cold --damos_quota_interval 1s --damos_quota_goal_tuner temporal --damos_quota_fail_charge_ratio 1 1000',
].map((line) => `${line} -n 10 -m 1000`);

const LINES_OF: Readonly<Record<DamoSuite, readonly string[]>> = {
  trixie: LINES,
  sid: [...LINES, ...NEW_LINES],
};

function formatJson(line: string): string {
  const { status, stdout, stderr } = runProgram('fmt_json', ...line.split(' '));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

describe.skipIf(obstacle !== undefined)('Debian’s damo and ours', () => {
  let damo: DamoPeer;

  beforeAll(() => {
    damo = createDamoPeer();
  });

  afterAll(() => {
    damo.close();
  });

  /** What damo reads from these texts. */
  function readByDamo(suite: DamoSuite, texts: readonly string[]): DamoArgsOutcome[] {
    const names = texts.map((text, index) => {
      writeFileSync(join(damo.dir, `kdamonds-${index}`), text, { mode: 0o644 });
      return `kdamonds-${index}`;
    });
    return askDamoArgs(
      damo,
      suite,
      names.map((name) => ['--kdamonds', name]),
    );
  }

  describe.each(DAMO_SUITES)('%s', (suite) => {
    const options = { isOld: suite === 'trixie' };

    test.each([
      ['for people', false],
      ['raw', true],
    ])('damo reads the numbers of any spec, written %s', (_form, isRaw) => {
      const specs = fc
        .sample(arbitraryDamoKdamond, { numRuns: 200, seed: 5 })
        .map((spec) => (options.isOld ? withoutNews(spec) : spec));
      const outcomes = readByDamo(
        suite,
        specs.map((spec) => formatDamoKdamonds([spec], isRaw)),
      );
      for (const [index, spec] of specs.entries()) {
        const { status, text, values } = outcomes[index]!;
        expect(status, text).toBe(0);
        expect(showDamoNumbers(values, options)).toEqual(showSpecNumbers([spec], options));
      }
    });

    test('the same options are the same kdamonds, by damo’s text and by ours', () => {
      const lines = LINES_OF[suite];
      const asked = askDamoArgs(
        damo,
        suite,
        lines.map((line) => line.split(' ')),
      );
      for (const [index, line] of lines.entries()) {
        const { status, text, values } = asked[index]!;
        expect(status, `${line}: ${text}`).toBe(0);
        const ours = parseDamoKdamonds(formatJson(line), line);
        expect(parseDamoKdamonds(text, line), line).toEqual(ours);
        expect(showDamoNumbers(values, options), line).toEqual(showSpecNumbers(ours, options));
      }
      expect.assertions(lines.length * 4);
    });

    test('damo takes translated schemes of one line', () => {
      const { status, stdout } = runProgram('translate_damos', '4K max 0 5.5 2m max cold 128M 1s');
      expect(status).toBe(0);
      writeFileSync(join(damo.dir, 'schemes'), stdout, { mode: 0o644 });
      const [outcome] = askDamoArgs(damo, suite, [
        ['--target_pid', '7', '--schemes', 'schemes', '-n', '10', '-m', '1000'],
      ]);
      const schemes = parseDamoSchemes(stdout, 'translated', {
        sampleIntervalUs: 5000,
        aggrIntervalUs: 100_000,
      });
      const [spec] = parseDamoKdamonds(formatJson('--target_pid 7 -n 10 -m 1000'), 'it');
      const expected = { contexts: [{ ...spec!.contexts[0]!, schemes }] };
      expect(showDamoNumbers(outcome!.values, options)).toEqual(
        showSpecNumbers([expected], options),
      );
    });
  });
});
