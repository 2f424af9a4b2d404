import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type * as Fs from 'node:fs';
import type * as FsPromises from 'node:fs/promises';
import { SERVED_CONFIG } from '../../support/servedConfig.ts';
import type { SeriesValues } from '../../support/seriesValues.ts';
import { letTimePass, serveSimulated, stopTime } from '../../support/servedKernel.ts';
import type { ServedKernel } from '../../support/servedKernel.ts';

/** Which operations on files fail, by their name in node:fs. */
const faults = vi.hoisted(() => ({
  find: undefined as ((operation: string, path: string) => string | undefined) | undefined,
  check(operation: string, path: unknown): void {
    const code = faults.find?.(operation, String(path));
    if (code === undefined) return;
    throw Object.assign(new Error(`${code}: ${operation} '${String(path)}'`), { code });
  },
}));

vi.mock('node:fs', async (importOriginal) => {
  const actual: typeof Fs = await importOriginal();
  const wrap =
    <Args extends unknown[], Result>(operation: string, action: (...args: Args) => Result) =>
    (...args: Args): Result => {
      faults.check(operation, args[0]);
      return action(...args);
    };
  return {
    ...actual,
    openSync: wrap('create', actual.openSync),
    renameSync: wrap('rename', actual.renameSync),
    rmSync: wrap('remove', actual.rmSync),
  };
});

vi.mock('node:fs/promises', async (importOriginal) => {
  const actual: typeof FsPromises = await importOriginal();
  const wrap =
    <Args extends unknown[], Result>(
      operation: string,
      action: (...args: Args) => Promise<Result>,
    ) =>
    async (...args: Args): Promise<Result> => {
      faults.check(operation, args[0]);
      return action(...args);
    };
  return {
    ...actual,
    open: async (...args: Parameters<typeof actual.open>) => {
      faults.check('open', args[0]);
      const handle = await actual.open(...args);
      const write: typeof handle.write = handle.write.bind(handle);
      const truncate = handle.truncate.bind(handle);
      return Object.assign(handle, {
        write: wrap('write', (...written: Parameters<typeof write>) => {
          faults.check('write', args[0]);
          return write(...written);
        }),
        truncate: (bytes: number) => {
          faults.check('truncate', args[0]);
          return truncate(bytes);
        },
      });
    },
    unlink: wrap('remove', actual.unlink),
    lutimes: wrap('touch', actual.lutimes),
  };
});

beforeEach(stopTime);
afterEach(() => {
  faults.find = undefined;
  letTimePass();
});

const ACTIVE = 'damon_exporter_record_active[]';
const ERRORS = 'damon_exporter_record_errors_total[]';

async function start(): Promise<ServedKernel> {
  const served = await serveSimulated({
    version: '7.2',
    config: SERVED_CONFIG,
    createArgs: (directory) => ({
      'collect.interval': '500ms',
      'record.path': join(directory, 'record', 'damon.data'),
      'record.flush-interval': '1s',
      'output.textfile': join(directory, 'damon.prom'),
      'output.textfile-interval': '1s',
    }),
  });
  await served.pass(5000);
  return served;
}

/** Scrapes each second until it looks as it should. */
async function expectSoon(
  served: ServedKernel,
  isIt: (series: SeriesValues) => boolean,
): Promise<void> {
  let series: SeriesValues = new Map();
  for (let second = 0; second < 60; second += 1) {
    await served.pass(1000);
    const answer = await served.scrape();
    expect(answer.status).toBe(200);
    series = answer.series;
    if (isIt(series)) return;
  }
  expect([...series].filter(([name]) => name.includes('record'))).toBe('as it should');
}

function countMessages({ logger }: ServedKernel, message: string): number {
  return logger.messages.filter((one) => one === message).length;
}

const ERRNOS = ['ENOSPC', 'EIO', 'EROFS', 'EMFILE'];

describe('a record', () => {
  test('stops and goes on with the disk, whatever that answers', async () => {
    const served = await start();
    for (const [at, code] of ERRNOS.entries()) {
      const operations = at % 2 === 0 ? ['write'] : ['write', 'open', 'truncate', 'remove'];
      faults.find = (operation, path) =>
        path.includes('/record/') && operations.includes(operation) ? code : undefined;
      await expectSoon(served, (series) => series.get(ACTIVE) === 0);
      await served.pass(15_000);
      faults.find = undefined;
      await expectSoon(served, (series) => series.get(ACTIVE) === 1);
      const nrTimes = at + 1;
      expect(countMessages(served, 'error recording stopped; what was recorded stays')).toBe(
        nrTimes,
      );
      expect(countMessages(served, 'info recording again')).toBe(nrTimes);
    }
    await served.stop();
  });

  test('that cannot be looked after is told once, and goes on', async () => {
    const served = await start();
    faults.find = (operation) => (operation === 'touch' ? 'EIO' : undefined);
    await expectSoon(served, (series) => (series.get(ERRORS) ?? 0) > 3);
    const { series } = await served.scrape();
    expect(series.get(ACTIVE)).toBe(1);
    expect(countMessages(served, 'warn could not look after the record')).toBe(1);
    faults.find = undefined;
    await served.stop();
  });
});

test.each(['create', 'rename'])(
  'a file of metrics is written again once %s works, whatever it answered',
  async (failing) => {
    const served = await start();
    const path = join(served.directory, 'damon.prom');
    for (const [at, code] of ERRNOS.entries()) {
      faults.find = (operation, where) =>
        operation === failing && where.endsWith('.prom.' + String(process.pid) + '.tmp')
          ? code
          : undefined;
      await served.pass(3000);
      expect(countMessages(served, 'warn could not write metrics to a file')).toBe(at + 1);
      faults.find = undefined;
      const before = readFileSync(path, 'utf8');
      await served.pass(3000);
      expect(readFileSync(path, 'utf8')).not.toBe(before);
      expect(countMessages(served, 'info writing metrics to a file again')).toBe(at + 1);
    }
    expect(readdirSync(served.directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await served.stop();
  },
);

test('what cannot be removed at the end keeps nothing in the kernel', async () => {
  const served = await start();
  const { directory } = served;
  faults.find = (operation, path) =>
    operation === 'remove' && path !== directory ? 'EROFS' : undefined;
  await expect(served.stop()).rejects.toThrow(/remove the state file .*EROFS.*remove it by hand/);
  expect(countMessages(served, 'warn could not remove the file of metrics')).toBe(1);
  const { fs } = served.kernel;
  expect(fs.list('trace/instances')).toEqual([]);
  expect(fs.readText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds')).toBe('0\n');
});
