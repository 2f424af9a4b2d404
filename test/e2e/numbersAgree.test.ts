import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkRegions, checkWss, findMoment, listScrapes } from '../support/agreement.ts';
import type { Channel, RecordedTarget } from '../support/agreement.ts';
import { startOtlpReceiver } from '../support/otlpReceiver.ts';
import type { OtlpReceiver } from '../support/otlpReceiver.ts';
import { decodeJson } from '../support/otlpSchema.ts';
import { convertPush, parseExposition } from '../support/seriesValues.ts';
import type { SeriesValues } from '../support/seriesValues.ts';
import { runProgram, startServe } from './program.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-agree-'));
const record = join(dir, 'damon.data');
const textfile = join(dir, 'damon.prom');

function createOtlpChannel({ pushes }: OtlpReceiver): Channel {
  return {
    name: 'OTLP',
    look: () => {
      const body = pushes.at(-1)?.body.toString('utf8');
      return body === undefined ? undefined : convertPush(decodeJson(body));
    },
  };
}

/** Snapshots of the first target: enough for the histograms to have something in them. */
function countSnapshots(values: SeriesValues): number {
  const first = '[["context","0"],["kdamond","0"],["target","0"]]';
  return values.get(`damon_wss_distribution_bytes_count${first}`) ?? 0;
}

/** What each channel told of one moment; others than these are to be added where it is found. */
let moment: ReadonlyMap<string, SeriesValues>;

beforeAll(async () => {
  const receiver = await startOtlpReceiver();
  // An aggregation of 100 ms takes 200.
  const exporter = await startServe(
    ...['--source', 'simulator', '--simulator.speed', '0.5', '--record.path', record],
    ...['--output.textfile', textfile, '--output.textfile-interval', '1s'],
    ...[
      '--otlp.endpoint',
      receiver.url,
      '--otlp.protocol',
      'http/json',
      '--otlp.interval',
      '200ms',
    ],
    ...['--metrics.cold-ages', '500ms,2s', '--metrics.wss-window', '1h'],
  );
  const channels: readonly Channel[] = [
    ...listScrapes(exporter.url),
    createOtlpChannel(receiver),
    { name: 'textfile', look: () => parseExposition(readFileSync(textfile, 'utf8')) },
  ];
  try {
    moment = await findMoment(channels, (values) => countSnapshots(values) >= 40);
  } finally {
    await exporter.stop();
    receiver.close();
  }
});

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

test('text, OpenMetrics, OTLP and the textfile tell the same values of one moment', () => {
  const [[, first] = ['', undefined], ...others] = moment;
  expect(others).toHaveLength(3);
  expect(first?.size).toBeGreaterThan(800);
  for (const [name, values] of others) {
    expect(Object.fromEntries(values), name).toEqual(Object.fromEntries(first!));
  }
});

describe.each([
  ['0', '0'],
  ['0', '1'],
  ['0', '2'],
  ['0', '3'],
  ['0', '4'],
  ['1', '0'],
])('of target %s/%s', (kdamond, target) => {
  const getRecorded = (): RecordedTarget => ({
    values: moment.get('text')!,
    kdamond,
    target,
    record,
    report: (...args) => {
      const { status, stderr, stdout } = runProgram('report', ...args, '-i', record);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return stdout;
    },
  });

  test('report wss has the working sets, their distribution and their percentiles', async () => {
    await checkWss(getRecorded());
  });

  test('report access has the regions, their size and what of it is cold', async () => {
    await checkRegions(getRecorded(), { '500ms': 500_000, '2s': 2_000_000 });
  });
});
