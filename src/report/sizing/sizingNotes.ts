import { formatTimeShort } from '../../base/format.ts';
import type { SizingAdvice } from './sizing.ts';

/** What every advice takes for granted, for people to judge whether it holds for them. */
export const SIZING_ASSUMPTIONS: readonly string[] = [
  'The working set of an aggregation is every byte of a region with an access in it: memory used more seldom than once per aggregation counts only when it is used.',
  'Each aggregation counts once, and the span reported on is like what is to come.',
  'DAMON sees accesses through page tables of mapped memory, by samples of one page per region: not those of devices (DMA), nor memory of the kernel itself, nor, of a process, files it reads and writes by system calls.',
  'Idle memory of a process includes addresses it never touched; of physical memory, what is free. Memory that is used once a day is idle in between.',
];

/** From here on two digits of a percentile are more than an estimate. */
const MIN_SNAPSHOTS = 100;
const MIN_WSS_REGIONS = 10;
const MIN_COVERED_SHARE = 0.95;

/** What weakens an advice, as sentences; none for a sum, which is as good as its targets. */
export function listSizingNotes({ evidence, reclaimable }: SizingAdvice): string[] {
  if (evidence === undefined) return [];
  const { nrSnapshots, spanNs, coveredNs, meanWssRegions } = evidence;
  const notes: string[] = [];
  if (nrSnapshots < MIN_SNAPSHOTS) {
    notes.push(`${nrSnapshots} snapshots are few: p99 is their largest, p95 nearly so.`);
  }
  if (coveredNs < spanNs * MIN_COVERED_SHARE) {
    const percent = Math.floor((100 * coveredNs) / spanNs);
    notes.push(`Snapshots cover ${percent} % of the span: what happened in between is not known.`);
  }
  if (meanWssRegions > 0 && meanWssRegions < MIN_WSS_REGIONS) {
    notes.push(
      `The working set lies in ${meanWssRegions.toFixed(1)} regions on average: idle parts of them count with it. More regions (serve and record: -n) tell it more exactly.`,
    );
  }
  const unknown = reclaimable.filter(({ usualBytes }) => usualBytes === undefined);
  if (unknown.length > 0) {
    const ages = unknown.map(({ idleUs }) => formatTimeShort(idleUs)).join(', ');
    notes.push(`Idle for ${ages}: not known, DAMON had not watched for so long.`);
  }
  if (reclaimable.length === 0) {
    notes.push('The record does not tell how long memory has been idle (no ages or no intervals).');
  }
  return notes;
}
