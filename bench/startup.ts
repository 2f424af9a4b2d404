import type { BenchRow } from './support/benchRow.ts';
import { measureProcess, pickBest } from './support/measureProcess.ts';
import type { ProcessCost } from './support/measureProcess.ts';
import { PROGRAM } from './support/program.ts';

const NR_ROUNDS = 15;
const GOAL_SECONDS = 0.12;

const COMMANDS = {
  floor: [process.execPath, '-e', '0'],
  help: [...PROGRAM, 'report', '--help'],
  version: [...PROGRAM, '--version'],
};

/** How long it takes until the program has printed its help and is gone. */
export async function benchStartup(): Promise<BenchRow[]> {
  const costs: Record<keyof typeof COMMANDS, ProcessCost[]> = { floor: [], help: [], version: [] };
  for (let round = 0; round < NR_ROUNDS; round += 1) {
    for (const name of ['floor', 'help', 'version'] as const) {
      costs[name].push(await measureProcess(COMMANDS[name]));
    }
  }
  const peer = { name: 'node -e 0', figure: pickBest(costs.floor).seconds };
  return [
    {
      name: 'start-up: report --help',
      figure: pickBest(costs.help).seconds,
      unit: 's',
      peer,
      goal: GOAL_SECONDS,
    },
    {
      name: 'start-up: --version',
      figure: pickBest(costs.version).seconds,
      unit: 's',
      peer,
    },
  ];
}
