import { UsageError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { createDemoKernel } from '../simulator/demoScene.ts';
import type { KernelAccess } from './kernelAccess.ts';
import type { SimulatorArguments } from './options.ts';

function checkArguments(args: SimulatorArguments): void {
  const speed = args['simulator.speed'];
  if (!(speed > 0 && speed <= 1000)) {
    throw new UsageError('--simulator.speed: expected a number above 0, up to 1000');
  }
  if (!/^\d+\.\d+$/.test(args['simulator.kernel'])) {
    throw new UsageError('--simulator.kernel: expected a kernel version such as 6.12 or 7.2');
  }
}

/**
 * The embedded kernel with a scene on it. Unless the exporter is to start a kdamond of its own,
 * somebody else's monitors the scene's processes already.
 */
export function openSimulatedKernel(
  args: SimulatorArguments,
  { isScene, logger }: { readonly isScene: boolean; readonly logger: Logger },
): KernelAccess {
  checkArguments(args);
  const blockMs = args['simulator.block-state-writes'];
  const kernel = createDemoKernel({
    version: args['simulator.kernel'],
    seed: args['simulator.seed'],
    speed: args['simulator.speed'],
    scene: args['simulator.scene'] ?? (isScene ? 'operator' : 'idle'),
    intercept: (operation, path) =>
      blockMs !== undefined && operation === 'write' && path.endsWith('/state')
        ? { blockMs }
        : undefined,
  });
  const processes = [...kernel.processes.values()].map(
    ({ pid, workload }) => `${pid} ${workload.comm}`,
  );
  logger.info('simulating a kernel', { processes: processes.join(', ') });
  return kernel;
}
