import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import { createTestDir } from './records.ts';

const PRECIOUS = 'precious';

/** A directory with nothing but a file that nobody may touch (0644), made anew for each test. */
export function createPreciousPlace(): { readonly place: string; readonly victim: string } {
  const place = join(createTestDir(), 'place');
  const victim = join(place, 'victim');
  beforeEach(() => {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    writeFileSync(victim, PRECIOUS, { mode: 0o644 });
  });
  return { place, victim };
}
