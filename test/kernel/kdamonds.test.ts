import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KernelError } from '../../src/base/errors.ts';
import { ULONG_MAX } from '../../src/base/uint64.ts';
import { readKdamonds, type KdamondsOptions } from '../../src/kernel/kdamonds.ts';
import type { KernelFs } from '../../src/kernel/kernelFs.ts';
import { createFixtureKernel, getFixtureFiles } from '../support/fixtureTree.ts';
import { createTestRetry } from '../support/testRetry.ts';

const DAMON = 'sys/kernel/mm/damon';
const KDAMOND = `${DAMON}/admin/kdamonds/0`;
const CONTEXT = `${KDAMOND}/contexts/0`;
const SCHEME = `${CONTEXT}/schemes/0`;

function createOptions(changes: Partial<KdamondsOptions> = {}): KdamondsOptions {
  return {
    retry: createTestRetry(),
    withTriedRegions: true,
    lastRunStates: new Map(),
    ...changes,
  };
}

/** The same tree, with some operations answered by an error. */
function withErrors(fs: KernelFs, errors: ReadonlyMap<string, string>): KernelFs {
  return {
    ...fs,
    readText: (path) => {
      const errno = errors.get(path);
      if (errno !== undefined) throw new KernelError({ operation: 'read', path, errno });
      return fs.readText(path);
    },
  };
}

describe('reading the sysfs tree', () => {
  test.each(['6.12', '7.2'])('the defaults of %s read as typed values', async (version) => {
    const { fs } = createFixtureKernel(getFixtureFiles(`${version}-defaults.txt`, DAMON));
    const { kdamonds, problems } = await readKdamonds(fs, createOptions());
    expect(problems).toEqual([]);
    const text = JSON.stringify(
      kdamonds,
      (_, value: unknown) => {
        if (typeof value === 'bigint') return value.toString();
        if (value instanceof BigUint64Array || value instanceof Uint32Array) return [...value];
        return value;
      },
      2,
    );
    await expect(`${text}\n`).toMatchFileSnapshot(`../golden/kernel/kdamonds-${version}.json`);
  });

  test.each(['6.12', '7.2'])('regions of a running kdamond of %s are whole', async (version) => {
    const { fs } = createFixtureKernel(getFixtureFiles(`${version}-running.txt`, DAMON));
    const [kdamond] = (await readKdamonds(fs, createOptions())).kdamonds;
    expect(kdamond).toMatchObject({ isRunning: true });
    expect(kdamond!.pid).toBeGreaterThan(0);
    const { targets, schemes } = kdamond!.contexts[0]!;
    expect(targets[0]!.pid).toBeGreaterThan(0);
    // The first scheme had used up its quota when this was captured.
    expect(schemes.map(({ triedRegions }) => triedRegions!.count > 1)).toEqual([false, true]);
    for (const { triedRegions, triedRegionsTotalBytes, stats } of schemes) {
      const { count, startAddr, endAddr } = triedRegions!;
      let bytes = 0n;
      for (let row = 0; row < count; row += 1) {
        bytes += endAddr[row]! - startAddr[row]!;
        expect(startAddr[row]).toBeGreaterThanOrEqual(row === 0 ? 0n : endAddr[row - 1]!);
      }
      expect(bytes).toBe(triedRegionsTotalBytes);
      expect(stats.triedBytes).toBeGreaterThan(0n);
    }
  });

  test('what a kernel lacks is missing, not empty', async () => {
    const { fs } = createFixtureKernel(getFixtureFiles('6.12-defaults.txt', DAMON));
    const [kdamond] = (await readKdamonds(fs, createOptions())).kdamonds;
    expect(kdamond).not.toHaveProperty('refreshMs');
    const context = kdamond!.contexts[0]!;
    expect(context).not.toHaveProperty('addrUnit');
    expect(context.intervals).not.toHaveProperty('goal');
    expect(context.schemes[0]).not.toHaveProperty('coreFilters');
    expect(context.schemes[0]).toHaveProperty('filters');
    expect(context.schemes[0]!.stats).not.toHaveProperty('opsFilterPassedBytes');
  });

  test('addresses are bytes, whatever the address unit', async () => {
    const { fs } = createFixtureKernel({
      ...getFixtureFiles('7.2-defaults.txt', DAMON),
      [`${CONTEXT}/addr_unit`]: '4096\n',
      [`${CONTEXT}/targets/0/regions/0/start`]: '1\n',
      [`${CONTEXT}/targets/0/regions/0/end`]: '3\n',
      [`${SCHEME}/core_filters/0/type`]: 'addr\n',
      [`${SCHEME}/core_filters/0/addr_end`]: '2\n',
      [`${SCHEME}/tried_regions/0/start`]: '4503599627370495\n',
      [`${SCHEME}/tried_regions/0/end`]: '4503599627370496\n',
      [`${SCHEME}/tried_regions/0/nr_accesses`]: '7\n',
      [`${SCHEME}/tried_regions/0/age`]: '9\n',
    });
    const [kdamond] = (await readKdamonds(fs, createOptions())).kdamonds;
    const context = kdamond!.contexts[0]!;
    expect(context.addrUnit).toBe(4096n);
    expect(context.targets[0]!.regions).toEqual([{ startAddr: 4096n, endAddr: 12288n }]);
    const scheme = context.schemes[0]!;
    expect(scheme.coreFilters![0]!.addrRange).toEqual({ startAddr: 0n, endAddr: 8192n });
    expect(scheme.triedRegions!.startAddr[0]).toBe(18446744073709547520n);
    expect(scheme.triedRegions!.nrAccesses[0]).toBe(7);
    expect(scheme.triedRegions!.ageIntervals[0]).toBe(9);
  });

  test('tried regions come in numeric order and without total_bytes', async () => {
    const regions = Array.from({ length: 12 }, (_, index) => index).flatMap((index) => [
      [`${SCHEME}/tried_regions/${index}/start`, `${index * 4096}\n`],
      [`${SCHEME}/tried_regions/${index}/end`, `${(index + 1) * 4096}\n`],
      [`${SCHEME}/tried_regions/${index}/nr_accesses`, '0\n'],
      [`${SCHEME}/tried_regions/${index}/age`, '0\n'],
    ]);
    const { fs } = createFixtureKernel({
      ...getFixtureFiles('6.12-defaults.txt', DAMON),
      ...(Object.fromEntries(regions) as Record<string, string>),
    });
    const [kdamond] = (await readKdamonds(fs, createOptions())).kdamonds;
    const columns = kdamond!.contexts[0]!.schemes[0]!.triedRegions!;
    expect(columns.count).toBe(12);
    expect([...columns.startAddr]).toEqual([...columns.startAddr].sort((a, b) => Number(a - b)));
  });

  test('regions that vanish while they are read make no snapshot, the scheme stays', async () => {
    const { fs, root } = createFixtureKernel({
      ...getFixtureFiles('6.12-defaults.txt', DAMON),
      [`${SCHEME}/tried_regions/0/start`]: '0\n',
      [`${SCHEME}/tried_regions/0/end`]: '4096\n',
    });
    const scheme = (await readKdamonds(fs, createOptions())).kdamonds[0]!.contexts[0]!.schemes[0]!;
    expect(scheme).not.toHaveProperty('triedRegions');
    expect(scheme.stats.triedBytes).toBe(0n);
    rmSync(join(root, SCHEME, 'watermarks'), { recursive: true });
    const [kdamond] = (await readKdamonds(fs, createOptions())).kdamonds;
    expect(kdamond!.contexts[0]!.schemes).toEqual([]);
  });

  test('regions are not read unless asked for', async () => {
    const { fs } = createFixtureKernel(getFixtureFiles('7.2-defaults.txt', DAMON));
    const options = createOptions({ withTriedRegions: false });
    const [kdamond] = (await readKdamonds(fs, options)).kdamonds;
    expect(kdamond!.contexts[0]!.schemes[0]).not.toHaveProperty('triedRegions');
  });

  test('counters and bounds beyond 2^53 are exact', async () => {
    const { fs, root } = createFixtureKernel(getFixtureFiles('7.2-defaults.txt', DAMON));
    writeFileSync(join(root, SCHEME, 'stats/sz_tried'), '9007199254740993\n');
    writeFileSync(join(root, SCHEME, 'access_pattern/sz/max'), '18446744073709551615\n');
    const scheme = (await readKdamonds(fs, createOptions())).kdamonds[0]!.contexts[0]!.schemes[0]!;
    expect(scheme.stats.triedBytes).toBe(9007199254740993n);
    expect(scheme.accessPattern.sizeBytes.max).toBe(ULONG_MAX);
  });

  test('nonsense in one kdamond is reported by path and leaves the others readable', async () => {
    const { fs, root } = createFixtureKernel({
      ...getFixtureFiles('7.2-defaults.txt', DAMON),
      [`${DAMON}/admin/kdamonds/1/state`]: 'maybe\n',
      [`${DAMON}/admin/kdamonds/1/pid`]: '-1\n',
    });
    writeFileSync(join(root, CONTEXT, 'pause'), 'N\n');
    const { kdamonds, problems } = await readKdamonds(fs, createOptions());
    expect(kdamonds.map(({ index }) => index)).toEqual([0]);
    expect(problems.map(({ error }) => error.message)).toEqual([
      expect.stringMatching(/kdamonds\/1\/state: found "maybe", expected on or off$/),
    ]);
  });

  test('a missing tree is an error: there is no DAMON sysfs interface', async () => {
    const { fs } = createFixtureKernel({ 'sys/kernel/': '' });
    await expect(readKdamonds(fs, createOptions())).rejects.toMatchObject({ errno: 'ENOENT' });
  });

  test.each(['EACCES', 'EIO', 'EINVAL'])(
    '%s on a file is a problem of its kdamond',
    async (errno) => {
      const { fs } = createFixtureKernel(getFixtureFiles('7.2-defaults.txt', DAMON));
      const faulty = withErrors(fs, new Map([[`${CONTEXT}/operations`, errno]]));
      const { kdamonds, problems } = await readKdamonds(faulty, createOptions());
      expect(kdamonds).toEqual([]);
      expect(problems).toMatchObject([{ error: { errno } }]);
    },
  );
});

describe('a kdamond whose lock is taken', () => {
  test('is tried again a bounded number of times and then is a problem', async () => {
    const { fs } = createFixtureKernel(getFixtureFiles('7.2-defaults.txt', DAMON));
    const retry = createTestRetry();
    const busy = withErrors(fs, new Map([[`${KDAMOND}/pid`, 'EBUSY']]));
    const { problems } = await readKdamonds(busy, createOptions({ retry }));
    expect(problems).toMatchObject([{ error: { errno: 'EBUSY' } }]);
    expect(retry.count()).toBe(3);
  });

  test('is taken to run as before, without waiting', async () => {
    const { fs } = createFixtureKernel(getFixtureFiles('7.2-defaults.txt', DAMON));
    const retry = createTestRetry();
    const busy = withErrors(fs, new Map([[`${KDAMOND}/state`, 'EBUSY']]));
    const lastRunStates = new Map([[0, { isRunning: true, pid: 77 }]]);
    const { kdamonds } = await readKdamonds(busy, createOptions({ retry, lastRunStates }));
    expect(kdamonds[0]).toMatchObject({ isRunning: true, pid: 77 });
    expect(retry.count()).toBe(1);
  });
});
