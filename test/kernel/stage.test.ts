import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KernelError } from '../../src/base/errors.ts';
import type { KdamondState } from '../../src/damon/kdamond.ts';
import {
  CATCH_ALL_STAT,
  type ContextSpec,
  type KdamondSpec,
  type SchemeSpec,
} from '../../src/damon/spec.ts';
import { probeCapabilities } from '../../src/kernel/capabilityProbe.ts';
import { createKdamondDirs } from '../../src/kernel/kdamondDirs.ts';
import { readKdamonds } from '../../src/kernel/kdamonds.ts';
import { applyPlannedWrites, planKdamondWrites, stageKdamond } from '../../src/kernel/stage.ts';
import { formatPlannedWrites } from '../../src/kernel/writePlan.ts';
import { arbitraryKdamondSpec } from '../support/arbitrarySpec.ts';
import { TemplateKernelFs } from '../support/templateKernelFs.ts';
import { createTestRetry } from '../support/testRetry.ts';

const retry = createTestRetry();

async function createKernel(version: '6.12' | '7.2'): Promise<TemplateKernelFs> {
  const fs = new TemplateKernelFs(version);
  await createKdamondDirs(fs, 1, retry);
  fs.log.length = 0;
  return fs;
}

async function readBack(fs: TemplateKernelFs): Promise<KdamondState> {
  const options = { retry, withTriedRegions: false, lastRunStates: new Map() };
  const { kdamonds, problems } = await readKdamonds(fs, options);
  expect(problems).toEqual([]);
  return kdamonds[0]!;
}

/** Only what a spec says: not what the kernel reports beside it. */
function toSpec(state: KdamondState): unknown {
  const { index, isRunning, pid, contexts, ...rest } = state;
  expect([index, isRunning, pid]).toEqual([0, false, undefined]);
  return {
    ...rest,
    contexts: contexts.map(({ availOperations, schemes, ...context }) => {
      expect(availOperations).toBeDefined();
      return {
        ...context,
        schemes: schemes.map((scheme) => {
          const { stats, effectiveQuotaBytes, triedRegionsTotalBytes, ...spec } = scheme;
          expect([stats.triedBytes, effectiveQuotaBytes, triedRegionsTotalBytes]).toEqual([
            0n,
            0n,
            0n,
          ]);
          return spec;
        }),
      };
    }),
  };
}

function createSpec(scheme: Partial<SchemeSpec>, context: Partial<ContextSpec> = {}): KdamondSpec {
  return {
    contexts: [
      {
        operations: 'vaddr',
        intervals: { sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 1_000_000 },
        minNrRegions: 100n,
        maxNrRegions: 1000n,
        targets: [{ pid: 42, regions: [] }],
        schemes: [{ ...CATCH_ALL_STAT, ...scheme }],
        ...context,
      },
    ],
  };
}

describe('staging', () => {
  test.each(['6.12', '7.2'] as const)('what was staged on %s reads back equal', async (version) => {
    await fc.assert(
      fc.asyncProperty(arbitraryKdamondSpec(version), async (spec) => {
        const fs = await createKernel(version);
        await stageKdamond(fs, 0, spec, retry);
        expect(toSpec(await readBack(fs))).toEqual(spec);
      }),
      { numRuns: 40 },
    );
  });

  test('staging again over the same spec gives the same tree', async () => {
    const fs = await createKernel('7.2');
    const spec = createSpec({ filters: [{ type: 'anon', isMatching: true, isAllowing: true }] });
    await stageKdamond(fs, 0, spec, retry);
    const first = new Map(fs.files);
    await stageKdamond(fs, 0, spec, retry);
    expect(fs.files).toEqual(first);
  });

  test.each(['6.12', '7.2'] as const)(
    'the writes for a monitoring kdamond on %s',
    async (version) => {
      const fs = await createKernel(version);
      await stageKdamond(fs, 0, createSpec({ filters: [] }), retry);
      // After the probing: what `plan` shows, against a kdamond that was emptied.
      const start = fs.log.lastIndexOf(
        'sys/kernel/mm/damon/admin/kdamonds/0/contexts/nr_contexts <- 0',
      );
      await expect(`${fs.log.slice(start + 1).join('\n')}\n`).toMatchFileSnapshot(
        `../golden/kernel/stage-${version}.txt`,
      );
    },
  );

  test('a plan prints with a reason for each write and does nothing', async () => {
    const fs = await createKernel('7.2');
    const supports = await stageKdamond(fs, 0, createSpec({}), retry);
    fs.log.length = 0;
    const text = formatPlannedWrites(planKdamondWrites(fs, 0, createSpec({}), supports));
    expect(text).toContain('/monitoring_attrs/intervals/sample_us <- 5000  # sampling interval\n');
    expect(fs.log).toEqual([]);
  });

  test('a count that is right already is left alone, so nothing below is thrown away', async () => {
    const fs = await createKernel('6.12');
    const supports = await stageKdamond(fs, 0, createSpec({}), retry);
    const changed = createSpec({ action: 'pageout' });
    const writes = planKdamondWrites(fs, 0, changed, supports);
    expect(writes.filter(({ path }) => path.includes('/nr_') && path.endsWith('s'))).toEqual([]);
    await applyPlannedWrites(fs, writes, retry);
    expect((await readBack(fs)).contexts[0]!.schemes[0]!.action).toBe('pageout');
  });

  test('a filter that changes from allowing to rejecting does not keep its allow', async () => {
    const fs = await createKernel('7.2');
    const allowing = createSpec({
      filters: [{ type: 'anon', isMatching: true, isAllowing: true }],
    });
    const supports = await stageKdamond(fs, 0, allowing, retry);
    const rejecting = createSpec({ filters: [{ type: 'anon', isMatching: true }] });
    await applyPlannedWrites(fs, planKdamondWrites(fs, 0, rejecting, supports), retry);
    const scheme = (await readBack(fs)).contexts[0]!.schemes[0]!;
    expect(scheme.opsFilters).toEqual([{ type: 'anon', isMatching: true, isAllowing: false }]);
  });

  test('filters go where their type belongs on 7.2, and into the one list on 6.12', async () => {
    const filters = [
      { type: 'anon', isMatching: true },
      { type: 'target', isMatching: false, targetIndex: 0 },
    ];
    const modern = await createKernel('7.2');
    await stageKdamond(modern, 0, createSpec({ filters }), retry);
    const layered = (await readBack(modern)).contexts[0]!.schemes[0]!;
    expect(layered.filters).toEqual([]);
    expect(layered.coreFilters).toEqual([{ ...filters[1], isAllowing: false }]);
    expect(layered.opsFilters).toEqual([{ ...filters[0], isAllowing: false }]);

    const old = await createKernel('6.12');
    await stageKdamond(
      old,
      0,
      createSpec({ coreFilters: [filters[1]!], opsFilters: [filters[0]!] }),
      retry,
    );
    expect((await readBack(old)).contexts[0]!.schemes[0]!.filters).toEqual([
      filters[1],
      filters[0],
    ]);
  });

  test.each<[string, KdamondSpec, RegExp]>([
    ['an action', createSpec({ action: 'collapse' }), /action collapse \(Linux 7\.2\)/],
    [
      'a directory',
      createSpec({ dests: [{ nid: 1, weight: 1 }] }),
      /destinations.*\(Linux 6\.17\)/,
    ],
    ['a file', createSpec({ maxNrSnapshots: 5n }), /limit of snapshots \(Linux 7\.0\)/],
    ['a filter type', createSpec({ filters: [{ type: 'active', isMatching: true }] }), /6\.15/],
    [
      'an allowing filter',
      createSpec({ filters: [{ type: 'anon', isMatching: true, isAllowing: true }] }),
      /filters that let memory pass \(Linux 6\.14\)/,
    ],
    ['the refresh', { ...createSpec({}), refreshMs: 100 }, /refresh of statistics \(Linux 6\.17\)/],
    ['an address unit', createSpec({}, { addrUnit: 4096n }), /address unit \(Linux 6\.18\)/],
    ['a probe', createSpec({}, { probes: [{ filters: [] }] }), /probes \(Linux 7\.2\)/],
  ])('%s that 6.12 lacks is refused before anything is staged', async (_, spec, message) => {
    const fs = await createKernel('6.12');
    await expect(stageKdamond(fs, 0, spec, retry)).rejects.toThrow(message);
    expect((await readBack(fs)).contexts).toEqual([]);
  });

  test('everything that is lacking is named at once', async () => {
    const fs = await createKernel('6.12');
    const spec = { ...createSpec({ maxNrSnapshots: 5n }), refreshMs: 100 };
    await expect(stageKdamond(fs, 0, spec, retry)).rejects.toThrow(/refresh.*limit of snapshots/);
  });

  test('an address that is no multiple of the unit is refused', async () => {
    const fs = await createKernel('7.2');
    const regions = [{ startAddr: 4095n, endAddr: 8192n }];
    const spec = createSpec({}, { addrUnit: 4096n, targets: [{ pid: 1, regions }] });
    await expect(stageKdamond(fs, 0, spec, retry)).rejects.toThrow(/no multiple of .* 4096/);
  });

  test('a running kdamond is not touched', async () => {
    const fs = await createKernel('7.2');
    fs.files.set('sys/kernel/mm/damon/admin/kdamonds/0/state', 'on');
    await expect(stageKdamond(fs, 0, createSpec({}), retry)).rejects.toThrow(
      /EBUSY; the kdamond runs/,
    );
    expect(fs.log).toEqual([]);
  });

  test('the first write the kernel refuses ends it and names file and value', async () => {
    const fs = await createKernel('7.2');
    const refusing = Object.assign(Object.create(fs) as TemplateKernelFs, {
      writeText: (path: Parameters<TemplateKernelFs['writeText']>[0], value: string) => {
        if (path.endsWith('/watermarks/high')) {
          throw new KernelError({ operation: 'write', path, value, errno: 'EINVAL' });
        }
        fs.writeText(path, value);
      },
    });
    await expect(stageKdamond(refusing, 0, createSpec({}), retry)).rejects.toThrow(
      /^write "0" to .*watermarks\/high: EINVAL$/,
    );
    expect(fs.log.at(-1)).toContain('watermarks/interval_us');
  });
});

describe('probing without writing', () => {
  test('a tree without kdamonds shows nothing of what is below one', () => {
    const supports = probeCapabilities(new TemplateKernelFs('7.2'));
    expect(supports.get('refresh_ms')).toBe('unknown');
    expect(supports.get('keyword:on')).toBe('present');
    expect(supports.get('action:collapse')).toBe('unknown');
  });

  test.each([
    ['6.12', 'refresh_ms', 'absent'],
    ['6.12', 'tried_total_bytes', 'present'],
    ['6.12', 'filter_layers', 'absent'],
    ['6.12', 'keyword:update_tuned_intervals', 'absent'],
    ['6.12', 'keyword:update_schemes_tried_regions', 'present'],
    ['6.12', 'operations:fvaddr', 'present'],
    ['6.12', 'action:stat', 'present'],
    ['6.12', 'action:pageout', 'unknown'],
    ['6.12', 'goal_target_metric', 'unknown'],
    ['7.2', 'pause', 'present'],
    ['7.2', 'fail_charge', 'present'],
    ['7.2', 'filter_layers', 'present'],
    ['7.2', 'filter_allow', 'unknown'],
    ['7.2', 'keyword:update_tuned_intervals', 'present'],
    ['7.2', 'checked_commit', 'unknown'],
    ['7.2', 'tracepoint:damon_aggregated', 'unknown'],
    ['7.2', 'damon_stat', 'unknown'],
  ] as const)(
    'a %s tree with one scheme and no filter shows %s as %s',
    async (version, id, support) => {
      const fs = await createKernel(version);
      await stageKdamond(fs, 0, createSpec({}), retry);
      fs.log.length = 0;
      expect(probeCapabilities(fs).get(id)).toBe(support);
      expect(fs.log).toEqual([]);
    },
  );
});
