import { afterAll, beforeAll, test } from 'vitest';
import { FAMILY_GROUPS } from '../../src/metrics/families.ts';
import { startSimulatedFleet } from './simulatedFleet.ts';
import type { SimulatedFleet } from './simulatedFleet.ts';

let fleet: SimulatedFleet;

beforeAll(async () => {
  fleet = await startSimulatedFleet();
});

afterAll(async () => {
  await fleet.stop();
});

test.each(
  FAMILY_GROUPS.flatMap(({ families }) => families).map(({ name, example }) => [name, example]),
)('the example of %s in docs/metrics.md returns data', async (_, { query }) => {
  await fleet.expectData(query);
});
