import type { Random } from '../base/random.ts';
import type { Range } from './regionSet.ts';
import { HEAP_START } from './simulatedProcess.ts';
import type { SimulatedProcess } from './simulatedProcess.ts';

const BLOCK_BYTES = 2 ** 21;
const GIB = 2 ** 30;

/** Where RAM lies: a hole below 4 GiB as on PCs. Ascending, bytes. */
function layOutRam(memoryBytes: number): readonly Range[] {
  const lowBytes = Math.min(memoryBytes, 3 * GIB);
  const ranges = [
    { start: 0x1000, end: 0x9_f000 },
    { start: 0x10_0000, end: lowBytes },
  ];
  if (memoryBytes > lowBytes) {
    ranges.push({ start: 4 * GIB, end: 4 * GIB + memoryBytes - lowBytes });
  }
  return ranges;
}

/** The machine's memory, given to heaps in blocks that do not lie side by side. */
export class PhysicalMemory {
  readonly memoryBytes: number;
  readonly ramRanges: readonly Range[];
  readonly #owners: (SimulatedProcess | undefined)[];
  /** Offset in the owner's heap of each block. */
  readonly #offsets: Float64Array;
  /** Blocks of each process in the order of its heap. */
  readonly #blocks: Map<SimulatedProcess, number[]> = new Map<SimulatedProcess, number[]>();
  readonly #free: number[];

  constructor(memoryBytes: number, random: Random) {
    this.memoryBytes = memoryBytes;
    this.ramRanges = layOutRam(memoryBytes);
    const nrBlocks = Math.ceil((this.ramRanges.at(-1)?.end ?? 0) / BLOCK_BYTES);
    this.#owners = new Array<SimulatedProcess | undefined>(nrBlocks).fill(undefined);
    this.#offsets = new Float64Array(nrBlocks);
    this.#free = shuffleRuns(this.#wholeBlocks(), random);
  }

  /** Gives or takes blocks so that the process has its whole heap; too little memory: a part. */
  assign(process: SimulatedProcess, heapBytes: number): void {
    const blocks = this.#blocks.get(process) ?? [];
    this.#blocks.set(process, blocks);
    const wanted = Math.ceil(heapBytes / BLOCK_BYTES);
    while (blocks.length < wanted) {
      const block = this.#free.pop();
      if (block === undefined) return;
      this.#owners[block] = process;
      this.#offsets[block] = blocks.length * BLOCK_BYTES;
      blocks.push(block);
    }
    while (blocks.length > wanted) {
      const block = blocks.pop();
      if (block === undefined) return;
      this.#owners[block] = undefined;
      this.#free.push(block);
    }
  }

  release(process: SimulatedProcess): void {
    this.assign(process, 0);
    this.#blocks.delete(process);
  }

  isAccessed(addr: number, fromUs: number, toUs: number): boolean {
    const block = Math.floor(addr / BLOCK_BYTES);
    const owner = this.#owners[block];
    if (owner === undefined) return false;
    const offset = (this.#offsets[block] ?? 0) + addr - block * BLOCK_BYTES;
    return owner.isAccessed(HEAP_START + offset, fromUs, toUs);
  }

  /** Whose memory a physical range is: parts in ascending order, free memory left out. */
  ownedParts(range: Range): { readonly process: SimulatedProcess; readonly part: Range }[] {
    const parts = [];
    let addr = range.start;
    while (addr < range.end) {
      const block = Math.floor(addr / BLOCK_BYTES);
      const end = Math.min(range.end, (block + 1) * BLOCK_BYTES);
      const process = this.#owners[block];
      if (process !== undefined) {
        const start = HEAP_START + (this.#offsets[block] ?? 0) + addr - block * BLOCK_BYTES;
        parts.push({ process, part: { start, end: start + end - addr } });
      }
      addr = end;
    }
    return parts;
  }

  #wholeBlocks(): number[] {
    return this.ramRanges.flatMap(({ start, end }) => {
      const first = Math.ceil(start / BLOCK_BYTES);
      const nr = Math.max(0, Math.floor(end / BLOCK_BYTES) - first);
      return Array.from({ length: nr }, (_, index) => first + index);
    });
  }
}

/** Runs of 64 MiB stay together, as the buddy allocator mostly manages; their order is random. */
function shuffleRuns(blocks: readonly number[], random: Random): number[] {
  const runs: number[][] = [];
  for (let i = 0; i < blocks.length; i += 32) runs.push(blocks.slice(i, i + 32));
  for (let i = runs.length - 1; i > 0; i--) {
    const other = random.below(i + 1);
    const run = runs[i];
    const swapped = runs[other];
    if (run === undefined || swapped === undefined) continue;
    runs[i] = swapped;
    runs[other] = run;
  }
  // Blocks are taken from the end: descending order makes heaps ascend.
  return runs.flatMap((run) => run.reverse());
}
