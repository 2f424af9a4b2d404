import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseDamonConfig } from '../../src/config/parseDamonConfig.ts';
import type { KdamondConfig } from '../../src/config/config.ts';
import type { KdamondSpec } from '../../src/damon/spec.ts';
import { createKdamondDirs } from '../../src/kernel/kdamondDirs.ts';
import { stageKdamond } from '../../src/kernel/stage.ts';
import { createTestKernel } from '../support/simulation.ts';
import { createTestRetry } from '../support/testRetry.ts';

const FILES = readdirSync('config').filter((name) => name.endsWith('.yaml'));

/** Where a file says which kernel it needs, in its first lines. */
function findSince(text: string): string | undefined {
  return /Linux (\d+\.\d+) and later\./.exec(text)?.[1];
}

function isEnough(version: string, since: string | undefined): boolean {
  const number = (text: string): number => {
    const [major = 0, minor = 0] = text.split('.').map(Number);
    return major * 1000 + minor;
  };
  return since === undefined || number(version) >= number(since);
}

function makeSpec({ context, schemes, targets }: KdamondConfig): KdamondSpec {
  const region = { startAddr: 4096n, endAddr: 1n << 30n };
  const target = targets.kind === 'physical' ? { regions: [region] } : { pid: 1, regions: [] };
  return { contexts: [{ ...context, schemes, targets: [target] }] };
}

test('there is a file for each use', () => {
  expect(FILES.length).toBeGreaterThanOrEqual(6);
});

describe.each(FILES)('config/%s', (name) => {
  const text = readFileSync(`config/${name}`, 'utf8');

  test('is good, has a name for everything, and says how it is used', () => {
    const { kdamonds } = parseDamonConfig(text, name);
    for (const kdamond of kdamonds) {
      expect(kdamond.name).toMatch(/^[a-z]/);
      expect(kdamond.schemes.map((scheme) => scheme.name)).toEqual(
        kdamond.schemes.map(() => expect.stringMatching(/^[a-z]/) as string),
      );
      // Without it there would be no snapshots through sysfs.
      expect(kdamond.schemes.at(-1)).toMatchObject({ name: 'observe', action: 'stat' });
    }
    expect(text).toContain(`serve --config.file config/${name}`);
  });

  test.each(['6.12', '7.2'])('is taken by Linux %s, or refused as it says', async (version) => {
    const kernel = createTestKernel({ version });
    const { kdamonds } = parseDamonConfig(text, name);
    const retry = createTestRetry();
    await createKdamondDirs(kernel.fs, kdamonds.length, retry);
    const staged = Promise.all(
      kdamonds.map((kdamond, index) => stageKdamond(kernel.fs, index, makeSpec(kdamond), retry)),
    );
    if (isEnough(version, findSince(text))) await staged;
    else await expect(staged).rejects.toThrow(/this kernel lacks .*Linux/);
  });
});
