import type { Logger } from '../../base/log.ts';
import { openMachineKernel } from '../kernelAccess.ts';
import type { KernelAccess } from '../kernelAccess.ts';
import { openSimulatedKernel } from '../simulatedKernel.ts';
import type { PathArguments, SimulatorArguments } from '../options.ts';
import type { CollectingArguments } from './collectingOptions.ts';

/** The kernel to look at: this machine's, or the simulated one; `isScene`: see there. */
export function openKernel(
  args: PathArguments & SimulatorArguments & Pick<CollectingArguments, 'source'>,
  options: { readonly isScene: boolean; readonly logger: Logger },
): KernelAccess {
  return args.source === 'simulator' ? openSimulatedKernel(args, options) : openMachineKernel(args);
}
