import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 collect garbage early instead of letting the heap grow for speed: `serve` runs for months
 * beside what it observes, and has little to do. To be called before anything else is loaded. Half of
 * the memory for a tenth more processor time, with six targets; V8 ignores what it does not know.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--semi-space-growth-factor=1');
}
