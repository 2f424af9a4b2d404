import { median } from '../../support/median.ts';
import type { SoakOutcome, SoakSample } from './runSoak.ts';

/** The simulated kernel's kdamonds report as often. */
const AGGREGATION_SECONDS = 0.1;
const POLL_SECONDS = 0.25;
/** Between the first and the last third of the time; a heap that is collected moves by some. */
const MAX_GROWTH_MB = 10;

function growthMb(samples: readonly SoakSample[]): number {
  const third = Math.max(Math.floor(samples.length / 3), 1);
  const read = (some: readonly SoakSample[]): number =>
    median(some.map(({ residentMb }) => residentMb));
  return read(samples.slice(-third)) - read(samples.slice(0, third));
}

/** What must not have happened and did, as sentences; none when all is well. */
export function judgeSoak({ before, samples, after, tally, nrTargets }: SoakOutcome): string[] {
  const problems: string[] = [];
  const expect = (isGood: boolean, problem: string): void => {
    if (!isGood) problems.push(problem);
  };
  const seconds = after.seconds - before.seconds;
  const wanted = (nrTargets * seconds) / AGGREGATION_SECONDS;
  const found = after.snapshots - before.snapshots;
  // At both ends up to a poll's worth of them is not seen.
  const slack = wanted * 0.01 + (2 * nrTargets * POLL_SECONDS) / AGGREGATION_SECONDS;
  expect(Math.abs(found - wanted) <= slack, `${found} snapshots, expected about ${wanted}`);
  expect(after.lostEvents === before.lostEvents, `${after.lostEvents} events were lost`);
  expect(after.spoiledSnapshots === before.spoiledSnapshots, 'snapshots were spoiled');
  const age = median(samples.map(({ snapshotAgeSeconds }) => snapshotAgeSeconds));
  expect(
    age <= 2 * (AGGREGATION_SECONDS + POLL_SECONDS),
    `snapshots were ${age} s old, in the middle`,
  );
  const growth = growthMb(samples);
  expect(growth <= MAX_GROWTH_MB, `memory grew by ${growth.toFixed(1)} MB`);
  expect(after.openFds <= before.openFds, `${after.openFds} open files, before ${before.openFds}`);
  const others = [...tally.statuses.keys()].filter((status) => ![200, 503].includes(status));
  expect(others.length === 0, `answers with status ${others.join(', ')}`);
  const nrGood = tally.statuses.get(200) ?? 0;
  expect(nrGood > 10 * samples.length, `only ${nrGood} answers`);
  expect((tally.statuses.get(503) ?? 0) > 0, 'nobody was refused, though too many asked at once');
  expect(tally.nrTorn === 0, `${tally.nrTorn} answers without an end`);
  expect(tally.nrHangUps > 10 * samples.length, `only ${tally.nrHangUps} hung up`);
  return problems;
}

/** One line for people. */
export function describeSample(sample: SoakSample): string {
  const { seconds, residentMb, openFds, snapshots, lostEvents, snapshotAgeSeconds } = sample;
  return [
    `${seconds.toFixed(0)} s`,
    `${residentMb.toFixed(1)} MB`,
    `${openFds} files`,
    `${snapshots} snapshots, the oldest ${snapshotAgeSeconds.toFixed(2)} s`,
    `${lostEvents} events lost`,
  ].join(', ');
}
