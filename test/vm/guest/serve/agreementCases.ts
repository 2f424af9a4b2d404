import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import { checkRegions, checkWss, findMoment, listScrapes } from '../../../support/agreement.ts';
import type { Channel } from '../../../support/agreement.ts';
import { startOtlpReceiver } from '../../../support/otlpReceiver.ts';
import type { OtlpRequest } from '../../../support/otlpRequest.ts';
import { convertPush, parseExposition } from '../../../support/seriesValues.ts';
import type { SeriesValues } from '../../../support/seriesValues.ts';
import { runCommand } from '../program.ts';
import { startExporter } from './exporter.ts';

interface Told {
  readonly record: string;
  readonly moment: ReadonlyMap<string, SeriesValues>;
}

function countSnapshots(values: SeriesValues): number {
  const target = '[["context","0"],["kdamond","0"],["target","0"]]';
  return values.get(`damon_wss_distribution_bytes_count${target}`) ?? 0;
}

/** Series of targets: what is read of the machine beside them changes at another pace. */
function watchTargets({ name, look }: Channel): Channel {
  return {
    name,
    look: async () => {
      const values = await look();
      return values && new Map([...values].filter(([series]) => series.includes('["target",')));
    },
  };
}

/** Aggregations are long, so that all look at the same one, however slow the guest is. */
async function watch(pid: number): Promise<Told> {
  const dir = mkdtempSync('/tmp/agreement-');
  const record = join(dir, 'damon.data');
  const textfile = join(dir, 'damon.prom');
  const receiver = await startOtlpReceiver();
  const exporter = await startExporter([
    ...[String(pid), '--takeover', 'damon_stat', '-s', '100ms', '-a', '4s'],
    ...['--record.path', record, '--metrics.cold-ages', '4s,8s'],
    ...['--metrics.wss-window', '1h'],
    ...['--output.textfile', textfile, '--output.textfile-interval', '1s'],
    ...[
      '--otlp.endpoint',
      receiver.url,
      '--otlp.protocol',
      'http/json',
      '--otlp.interval',
      '500ms',
    ],
  ]);
  const url = /msg=serving url=(\S+)/.exec(exporter.readStderr())?.[1] ?? '';
  const channels: readonly Channel[] = [
    ...listScrapes(url),
    {
      name: 'OTLP',
      look: () => {
        const body = receiver.pushes.at(-1)?.body.toString('utf8');
        // Counts are small here: JSON's own numbers hold them.
        return body === undefined ? undefined : convertPush(JSON.parse(body) as OtlpRequest);
      },
    },
    { name: 'textfile', look: () => parseExposition(readFileSync(textfile, 'utf8')) },
  ];
  const moment = await findMoment(
    channels.map(watchTargets),
    (values) => countSnapshots(values) >= 4,
  );
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  receiver.close();
  return { record, moment };
}

async function assertAgreement(kernel: ContractKernel): Promise<void> {
  const { pid } = await kernel.startProcess(32, 128);
  const { record, moment } = await watch(pid);
  const [[, text] = ['', undefined], ...others] = moment;
  assert.ok(text !== undefined && others.length === 3);
  for (const [name, values] of others) {
    assert.deepEqual(Object.fromEntries(values), Object.fromEntries(text), name);
  }
  const recorded = {
    values: text,
    kdamond: '0',
    target: '0',
    record,
    report: async (...args: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await runCommand(['report', ...args, '-i', record]);
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
      return stdout;
    },
  };
  await checkWss(recorded);
  await checkRegions(recorded, { '4s': 4e6, '8s': 8e6 });
}

export const AGREEMENT_CASES: readonly ContractCase[] = [
  {
    name: 'text, OpenMetrics, OTLP, the textfile and reports of the record tell the same numbers',
    run: assertAgreement,
  },
];
