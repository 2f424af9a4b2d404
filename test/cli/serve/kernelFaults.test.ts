import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KERNEL_OPERATIONS } from '../../support/faultyKernelFs.ts';
import type { FaultyOperation, FindFault } from '../../support/faultyKernelFs.ts';
import { fuzzRuns } from '../../support/fuzzRuns.ts';
import { SERVED_CONFIG } from '../../support/servedConfig.ts';
import type { SeriesValues } from '../../support/seriesValues.ts';
import { letTimePass, serveSimulated, stopTime } from '../../support/servedKernel.ts';
import type { ServedKernel, ServedKernelOptions } from '../../support/servedKernel.ts';

beforeEach(stopTime);
afterEach(letTimePass);

/** Everything a kernel may answer; that what is asked for is not there comes last. */
const ERRNOS = [
  ...['EIO', 'EBUSY', 'EACCES', 'EINVAL', 'EMFILE', 'ENOMEM', 'EPERM'],
  ...['ENFILE', 'ENOSPC', 'EROFS', 'ESTALE', 'ENXIO', 'ENODEV', 'ENOENT'],
];

/** One operation on files of one kind, whatever their numbers. */
interface Kind {
  readonly operation: FaultyOperation;
  readonly path: string;
}

function findKind(operation: FaultyOperation, path: string): Kind {
  return { operation, path: path.replace(/\d+/g, 'N') };
}

function isSame(one: Kind, other: Kind): boolean {
  return one.operation === other.operation && one.path === other.path;
}

/** What means nothing but that this kernel lacks it, or that it cannot be told. */
function isHarmless({ operation, path }: Kind, errno: string): boolean {
  return (
    ['ENOENT', 'ENODEV'].includes(errno) ||
    ['exists', 'identify', 'close'].includes(operation) ||
    // Then those of all CPUs are read.
    (path.endsWith('cpu/online') && ['EACCES', 'EPERM'].includes(errno)) ||
    // Collisions with other programs are usual: they are counted, and told when they last.
    errno === 'EBUSY'
  );
}

function listTroubles(series: SeriesValues): string[] {
  const troubles = /^damon_exporter_(part_success|config_kdamond_in_force)\[/;
  return [...series].flatMap(([name, value]) => (troubles.test(name) && value === 0 ? name : []));
}

function findSource(series: SeriesValues): string | undefined {
  return [...series].find(([name, value]) => name.includes('_source_active[') && value === 1)?.[0];
}

/** Counters that have gone back. */
function listSmaller(before: SeriesValues, after: SeriesValues): string[] {
  return [...before].flatMap(([name, value]) =>
    /_(total|bucket|count|sum)\[/.test(name) && (after.get(name) ?? value) < value ? name : [],
  );
}

/** What the log was told since. */
function listTold({ logger }: ServedKernel, from: number): string[] {
  return logger.messages
    .slice(from)
    .map((message, at) => `${message} ${JSON.stringify(logger.fields[from + at])}`);
}

/** Of every second directory one kind of operation on its files; others in another round. */
async function listKinds(served: ServedKernel, round: number): Promise<Kind[]> {
  const kinds = new Map<string, Kind[]>();
  served.findFault = (operation, path) => {
    const kind = findKind(operation, path);
    const key = `${operation} ${dirname(kind.path)}`;
    const others = kinds.get(key) ?? [];
    if (!others.some((other) => isSame(kind, other))) kinds.set(key, [...others, kind]);
    return undefined;
  };
  await served.pass(12_000);
  served.findFault = undefined;
  const groups = [...kinds.values()].filter((_, at) => at % 2 === round % 2);
  return groups.map((group) => group[(round >> 1) % group.length]!);
}

async function start(options: ServedKernelOptions): Promise<ServedKernel> {
  return serveSimulated({ ...options, args: { 'collect.interval': '500ms', ...options.args } });
}

/** Scrapes while it fails; tells what was told. */
async function watch(served: ServedKernel, seconds: number): Promise<SeriesValues[]> {
  const seen: SeriesValues[] = [];
  for (let left = seconds; left > 0; left -= 1) {
    await served.pass(1000);
    const { status, series } = await served.scrape();
    expect(status).toBe(200);
    expect(series.size).toBeGreaterThan(20);
    seen.push(series);
  }
  return seen;
}

const LONGEST_SECONDS = 30;
/** For what would be told at each scrape or reading to be told twice. */
const LEAST_SECONDS = 4;

interface Case {
  readonly served: ServedKernel;
  readonly kind: Kind;
  readonly errno: string;
  /** As it was without any fault. */
  readonly before: SeriesValues;
}

async function expectTold({ served, kind, errno, before }: Case): Promise<void> {
  const from = served.logger.messages.length;
  served.findFault = (operation, path) =>
    isSame(kind, findKind(operation, path)) ? { errno } : undefined;
  let isSeen = isHarmless(kind, errno);
  let told: string[] = [];
  for (let second = 0; second < LONGEST_SECONDS; second += 1) {
    const [series] = await watch(served, 1);
    told = listTold(served, from);
    isSeen ||=
      told.length > 0 &&
      (listTroubles(series!).length > 0 || findSource(series!) !== findSource(before));
    if (isSeen && second >= LEAST_SECONDS) break;
  }
  expect(isSeen, told.join('\n')).toBe(true);
  expect(new Set(told).size, told.join('\n')).toBe(told.length);
  expect(told.length, told.join('\n')).toBeLessThan(10);
}

/** What a process that is not there does to its kdamond is no fault. */
function mayStartAnew({ path }: Kind, errno: string): boolean {
  return path.startsWith('proc/') && ['ENOENT', 'ENODEV'].includes(errno);
}

async function expectOutlived(one: Case): Promise<SeriesValues> {
  const { served, kind, errno, before } = one;
  // What was told of the kinds before is long past.
  served.jump(60_000);
  await expectTold(one);
  served.findFault = undefined;
  const names = [...before.keys()].sort();
  let series: SeriesValues = new Map();
  for (let second = 0; second < LONGEST_SECONDS; second += 1) {
    [series = series] = await watch(served, 1);
    if (listTroubles(series).length === 0 && series.size === names.length) break;
  }
  expect(listTroubles(series)).toEqual([]);
  expect([...series.keys()].sort()).toEqual(names);
  if (!mayStartAnew(kind, errno)) expect(listSmaller(before, series)).toEqual([]);
  return series;
}

const KERNELS = [
  { version: '7.2', config: SERVED_CONFIG },
  {
    version: '6.12',
    config: SERVED_CONFIG,
    args: { source: 'sysfs', 'collect.sysfs-interval': '3s' },
  },
] as const satisfies readonly ServedKernelOptions[];

describe.each(KERNELS)('whatever fails on $version', (options) => {
  const rounds = Array.from({ length: Math.ceil(fuzzRuns(1) / 2) }, (_, round) => round);

  test.each(rounds)(
    'is told, outlived and forgotten, round %i',
    async (round) => {
      const served = await start(options);
      const kinds = await listKinds(served, round);
      expect(kinds.length).toBeGreaterThan(15);
      let { series } = await served.scrape();
      for (const [at, kind] of kinds.entries()) {
        const errno = ERRNOS[(at + round) % ERRNOS.length]!;
        try {
          series = await expectOutlived({ served, kind, errno, before: series });
        } catch (error) {
          throw new Error(`${kind.operation} ${kind.path}: ${errno}`, { cause: error });
        }
      }
      await served.stop();
      expect(served.kernel.fs.list('trace/instances')).toEqual([]);
    },
    120_000,
  );
});

test('what fails once is told once', async () => {
  const served = await start({ version: '7.2', config: SERVED_CONFIG });
  await served.pass(3000);
  const from = served.logger.messages.length;
  let nrFailed = 0;
  served.findFault = (operation, path) => {
    if (operation !== 'readText' || !path.endsWith('/nr_tried') || nrFailed > 0) return undefined;
    nrFailed += 1;
    return { errno: 'EIO' };
  };
  const seen = await watch(served, 5);
  expect(listTold(served, from)).toEqual([
    expect.stringMatching(/^warn part of the collecting failed .*"sysfs".*nr_tried: EIO/),
    expect.stringMatching(/^info part of the collecting works again .*"sysfs"/),
  ]);
  expect(seen.filter((series) => listTroubles(series).length > 0)).toHaveLength(1);
  await served.stop();
});

test('a write that the kernel keeps waiting is told after a minute, and keeps nothing else', async () => {
  const served = await start(KERNELS[1]);
  await served.pass(3000);
  let release: () => void = () => undefined;
  const until = new Promise<void>((resolve) => (release = resolve));
  served.findFault = (operation) => (operation === 'writeTextBlocking' ? { until } : undefined);
  const [early] = await watch(served, 3);
  expect(listTroubles(early!)).toEqual([]);
  served.jump(60_000);
  const [late] = await watch(served, 2);
  expect(listTroubles(late!)).toEqual([
    'damon_exporter_part_success[["part","stats"]]',
    'damon_exporter_part_success[["part","source_sysfs"]]',
  ]);
  served.findFault = undefined;
  release();
  const after = await watch(served, 6);
  expect(listTroubles(after.at(-1)!)).toEqual([]);
  await served.stop();
});

test('a write that never comes back does not keep it from ending', async () => {
  const served = await start(KERNELS[1]);
  await served.pass(3000);
  const until = new Promise<void>(() => undefined);
  served.findFault = (operation) => (operation === 'writeTextBlocking' ? { until } : undefined);
  await served.pass(5000);
  served.findFault = undefined;
  await served.stop();
  expect(served.kernel.fs.readText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds')).toBe('0\n');
});

test.each(ERRNOS)(
  'where everything answers %s it starts, and sees what there is later',
  async (errno) => {
    const everything: FindFault = (operation) =>
      KERNEL_OPERATIONS.includes(operation) ? { errno } : undefined;
    const served = await start({ version: '7.2', isDamonStatOn: true, findFault: everything });
    const [first] = await watch(served, 3);
    expect(findSource(first!)).toBeUndefined();
    served.findFault = undefined;
    const seen = await watch(served, 12);
    expect(findSource(seen.at(-1)!)).toContain('trace');
    expect(listTroubles(seen.at(-1)!)).toEqual([]);
    await served.stop();
  },
);
