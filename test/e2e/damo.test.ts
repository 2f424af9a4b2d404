import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDamoPeer, findDamoObstacle } from '../peers/damo.ts';
import type { DamoPeer } from '../peers/damo.ts';

const obstacle = findDamoObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped, ${obstacle}\n`);

describe.skipIf(obstacle !== undefined)('Debian’s damo', () => {
  let damo: DamoPeer;

  beforeAll(() => {
    damo = createDamoPeer();
  });

  afterAll(() => {
    damo.close();
  });

  test.each([
    ['trixie', /^2\.8\./],
    ['sid', /^3\./],
  ] as const)('the one of %s runs, and is of the generation meant', (suite, version) => {
    const outcome = damo.run(suite, 'version');
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    expect(outcome.stdout).toMatch(version);
  });
});
