import { sleep } from '../../base/clock.ts';
import { KernelError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { Snapshot } from '../../damon/snapshot.ts';
import type { RecordedSnapshot } from '../../record/recording.ts';
import { selectSnapshots } from '../../report/selectSnapshots.ts';
import { computeAggrIntervalUs, computeMaxSamples } from '../../report/snapshotIntervals.ts';
import type { CollectingArguments } from '../collecting/collectingOptions.ts';
import { createKernelCollector } from '../collecting/createKernelCollector.ts';
import { openKernel } from '../collecting/openKernel.ts';
import { createOwnMonitoring } from '../collecting/ownMonitoring.ts';
import { readRecord, visitSnapshots } from '../report/readRecord.ts';
import type { SeenSnapshot } from './matchEstimate.ts';

function toSeen(snapshot: RecordedSnapshot): SeenSnapshot {
  const { stream, startNs, endNs, regions } = snapshot;
  const aggrIntervalUs = computeAggrIntervalUs(snapshot);
  const maxSamples = computeMaxSamples(snapshot);
  const isKnown = aggrIntervalUs !== undefined && maxSamples !== undefined && maxSamples > 0;
  return {
    stream,
    durationNs: endNs > startNs ? endNs - startNs : 0n,
    regions,
    hasAges: regions.hasAges,
    intervals: isKnown
      ? { aggrIntervalUs, sampleIntervalUs: aggrIntervalUs / maxSamples }
      : undefined,
  };
}

/** @throws RecordError also for a record without any snapshot. */
export async function visitRecord(
  path: string,
  visit: (snapshot: SeenSnapshot) => void,
): Promise<void> {
  await readRecord(path, async (reader) => {
    const batches = selectSnapshots(reader, {});
    await visitSnapshots({ batches, path }, {}, (snapshot) => {
      visit(toSeen(snapshot));
    });
  });
}

/** Long enough for one aggregation at most settings people use. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 100;
/** After the first snapshot: for those of other targets. */
const MORE_MS = 1000;

function toSeenNow(snapshot: Snapshot): SeenSnapshot {
  const { kdamond, target, startNs, endNs, regions, sampleIntervalUs, aggrIntervalUs } = snapshot;
  const isKnown = sampleIntervalUs !== undefined && aggrIntervalUs !== undefined;
  return {
    stream: `${kdamond.label} ${target}`,
    durationNs: endNs - startNs,
    regions,
    hasAges: true,
    intervals: isKnown ? { sampleIntervalUs, aggrIntervalUs } : undefined,
  };
}

/**
 * What the kdamonds that run here see right now; nothing is started or changed.
 *
 * @throws KernelError when nothing is seen in ten seconds.
 */
export async function visitLive(
  args: CollectingArguments,
  logger: Logger,
  visit: (snapshot: SeenSnapshot) => void,
): Promise<void> {
  const kernel = openKernel(args, { isScene: true, logger });
  let nrSeen = 0;
  const take = (snapshot: Snapshot): void => {
    nrSeen += 1;
    visit(toSeenNow(snapshot));
  };
  const collector = createKernelCollector({
    ...{ args, kernel, logger, sourceNames: ['trace', 'sysfs'] },
    own: createOwnMonitoring(args, kernel.fs, logger),
    sinks: [{ name: 'check', take }],
    onMachine: () => undefined,
    pollIntervalMs: LOOK_MS,
    idleAfterMs: undefined,
    sysfsIntervalMs: 1000,
    traceBufferKb: 512,
  });
  await collector.start();
  try {
    for (let leftMs = PATIENCE_MS; nrSeen === 0 && leftMs > 0; leftMs -= LOOK_MS) {
      await sleep(LOOK_MS);
    }
    if (nrSeen > 0) await sleep(MORE_MS);
  } finally {
    await collector.stop();
  }
  if (nrSeen > 0) return;
  const problems = [...(collector.observe()?.collector.sourceProblems.values() ?? [])];
  throw new KernelError({
    operation: 'see accesses on',
    path: 'this machine',
    hint: `no snapshot came in ${PATIENCE_MS / 1000} s${problems.length === 0 ? '; does a kdamond run? "status" tells' : `: ${problems.join('; ')}; "doctor" says what to do`}`,
  });
}
