import { describe, expect, test } from 'vitest';
import { describeError, KernelError } from '../../src/base/errors.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import {
  createTestKeeper,
  DATABASE,
  makeKeptConfig,
  makeKeptKdamond,
  spawnNamed,
} from '../support/keeper.ts';
import { createOwnershipKernel } from '../support/ownership.ts';
import { read, stage } from '../support/simulation.ts';

const ADMIN = 'sys/kernel/mm/damon/admin/kdamonds';
const DAMON_STAT = 'sys/module/damon_stat/parameters/enabled';

/** What somebody else does, at the worst moment; what the kernel refuses them is no matter. */
const DISTURBANCES: readonly [string, (kernel: SimulatedKernel) => void][] = [
  [
    'the process ends',
    (kernel) => {
      for (const pid of kernel.processes.keys()) kernel.kill(pid);
    },
  ],
  [
    'somebody switches DAMON_STAT on',
    ({ fs }) => {
      fs.writeText(DAMON_STAT, 'Y');
    },
  ],
  [
    'somebody takes all kdamonds away',
    ({ fs }) => {
      fs.writeText(`${ADMIN}/nr_kdamonds`, '0');
    },
  ],
  [
    'somebody stages a kdamond of their own',
    (kernel) => {
      stage(kernel, {});
    },
  ],
];

function ignoreRefusal(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
}

interface Disturbed {
  readonly kernel: SimulatedKernel;
  readonly keeper: ReturnType<typeof createTestKeeper>['keeper'];
  readonly nrWrites: number;
  readonly error: unknown;
}

/** Starts, and disturbs that before one of its writes. */
async function startDisturbed(
  version: string,
  at: number,
  disturb: (kernel: SimulatedKernel) => void,
): Promise<Disturbed> {
  let nrWrites = 0;
  let isDisturbing = false;
  const kernel: SimulatedKernel = createOwnershipKernel({
    version,
    workloads: [],
    intercept: (operation) => {
      if (operation !== 'write' || isDisturbing) return undefined;
      nrWrites += 1;
      if (nrWrites !== at + 1) return undefined;
      isDisturbing = true;
      ignoreRefusal(() => {
        disturb(kernel);
      });
      isDisturbing = false;
      return undefined;
    },
  });
  spawnNamed(kernel);
  nrWrites = 0;
  const config = makeKeptConfig({ kdamonds: [makeKeptKdamond([DATABASE])] });
  const { keeper } = createTestKeeper(config, kernel);
  const error: unknown = await keeper.start().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { kernel, keeper, nrWrites, error };
}

describe.each(['6.12', '7.2'])('a start on %s', (version) => {
  test.each(DISTURBANCES.filter(([what]) => version === '7.2' || !what.includes('DAMON_STAT')))(
    'while %s comes about or is refused in words, whenever that is',
    async (_what, disturb) => {
      const { nrWrites, error: none } = await startDisturbed(version, -1, disturb);
      expect([none, nrWrites > 20]).toEqual([undefined, true]);
      for (let at = 0; at < nrWrites; at += 1) {
        const { kernel, keeper, error } = await startDisturbed(version, at, disturb);
        if (error === undefined) {
          // Whatever has become of it since, looking at it says so.
          await keeper.look();
          const [kept] = keeper.list();
          const isRunning = kept?.pid !== undefined && read(kernel, 'state') === 'on';
          expect(isRunning || kept?.problem !== undefined || kept?.missing.length).toBeTruthy();
          await keeper.end();
        } else {
          expect(error, String(at)).toBeInstanceOf(KernelError);
          expect(describeError(error), String(at)).not.toMatch(/undefined|\[object/);
        }
      }
    },
    30_000,
  );
});
