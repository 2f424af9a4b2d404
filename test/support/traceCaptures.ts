import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { RegionEvent } from './tracePages.ts';

const ROOT = new URL('../fixtures/trace/', import.meta.url);

/** Every capture; how they were made is told beside them. */
export const TRACE_CAPTURES = [
  ['6.12', 'vaddr-hot64of256-short'],
  ['6.12', 'vaddr-two-targets'],
  ['6.12', 'paddr-all-ram'],
  ['6.12', 'vaddr-missed-events'],
  ['7.2', 'vaddr-hot64of256-short'],
  ['7.2', 'vaddr-two-targets'],
  ['7.2', 'paddr-all-ram'],
  ['7.2', 'damon-stat-default'],
  ['7.2', 'vaddr-tuned-quota-probes'],
  ['7.2', 'vaddr-missed-events'],
] as const;

export type KernelVersion = (typeof TRACE_CAPTURES)[number][0];

export function readTraceFile(version: KernelVersion, file: string): string {
  return readFileSync(new URL(`${version}/events/${file}`, ROOT), 'utf8');
}

/** Pages of each CPU; [] for a CPU the kernel thread never ran on. */
export function readCapturedPages(version: KernelVersion, name: string): Uint8Array[][] {
  return [0, 1].map((cpu) => {
    const file = new URL(`${version}/${name}.cpu${cpu}.bin.gz`, ROOT);
    if (!existsSync(file)) return [];
    const bytes = new Uint8Array(gunzipSync(readFileSync(file)));
    return Array.from({ length: bytes.length / 4096 }, (_, at) =>
      bytes.slice(at * 4096, (at + 1) * 4096),
    );
  });
}

export interface TextEvents {
  readonly regions: readonly RegionEvent[];
  readonly tunedSampleUs: readonly number[];
}

/** What the kernel printed for the same events. Times are of the other instance: microseconds off. */
export function readCapturedText(version: KernelVersion, name: string): TextEvents {
  const text = gunzipSync(readFileSync(new URL(`${version}/${name}.txt.gz`, ROOT))).toString();
  const regions: RegionEvent[] = [];
  const tunedSampleUs: number[] = [];
  for (const line of text.split('\n')) {
    const head = /-(\d+) +\[\d+\] \S+ +(\d+)\.(\d{6}): (\w+): (.*)$/.exec(line);
    if (head === null) continue;
    const [, pid, seconds, micros, event, payload] = head;
    if (event === 'damon_monitor_intervals_tune')
      tunedSampleUs.push(Number(payload!.split('=')[1]));
    if (event !== 'damon_aggregated') continue;
    const [targetId, nrRegions, start, end, nrAccesses, age] = payload!.match(/\d+/g)!;
    regions.push({
      timeNs: BigInt(seconds! + micros!) * 1000n,
      pid: Number(pid),
      targetId: BigInt(targetId),
      nrRegions: Number(nrRegions),
      start: BigInt(start!),
      end: BigInt(end!),
      nrAccesses: Number(nrAccesses),
      age: Number(age),
    });
  }
  return { regions, tunedSampleUs };
}
