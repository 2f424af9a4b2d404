import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeKernelFs } from '../src/kernel/nodeFs.ts';
import { readTriedRegions } from '../src/kernel/triedRegions.ts';
import { median } from '../test/support/median.ts';
import { measureNs } from './support/benchRow.ts';
import type { BenchRow } from './support/benchRow.ts';
import { runFloor } from './support/floor.ts';

const NR_REGIONS = 1000;
const NR_FLOOR_ROUNDS = 31;

function makeTree(dir: string): void {
  for (let region = 0; region < NR_REGIONS; region += 1) {
    const start = 0x1_0000_0000 + region * 0x40_0000;
    const files = { start, end: start + 0x40_0000, nr_accesses: region % 21, age: region % 400 };
    mkdirSync(join(dir, String(region)));
    for (const [file, value] of Object.entries(files)) {
      writeFileSync(join(dir, String(region), file), `${value}\n`);
    }
  }
}

/** A sysfs snapshot of 1,000 regions, four files each, against a C program reading the same files. */
export function benchTriedRegions(): BenchRow[] {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const root = mkdtempSync(join(parent, 'damon-exporter-bench-'));
  try {
    const dir = join(root, 'tried_regions');
    mkdirSync(dir);
    makeTree(dir);
    const fs = createNodeKernelFs({
      sys: root,
      proc: undefined,
      trace: undefined,
      boot: undefined,
    });
    const ns = measureNs({ product: () => readTriedRegions(fs, 'sys/tried_regions', 1n) });
    const floorNs = runFloor('readRegions', root, [
      dir,
      String(NR_REGIONS),
      String(NR_FLOOR_ROUNDS),
    ]);
    return [
      {
        name: `tried_regions of 1,000 regions in ${parent}`,
        figure: ns.product / 1e6,
        unit: 'ms',
        ...(floorNs === undefined
          ? { note: 'no gcc here: nothing to hold it against' }
          : { peer: { name: 'C: open, read, close', figure: median(floorNs) / 1e6 } }),
      },
    ];
  } finally {
    rmSync(root, { recursive: true });
  }
}
