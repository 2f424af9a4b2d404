import type { EncodedBlock } from '../../src/record/own/blockEncoder.ts';
import { decodeBlock, lendBlock } from '../../src/record/own/blockDecoder.ts';
import { BlockEncoder } from '../../src/record/own/blockEncoder.ts';
import {
  createStreamDefiner,
  createStreamInterner,
} from '../../src/record/own/streamDefinition.ts';
import type { RecordedSnapshot } from '../../src/record/recording.ts';
import { toComparable } from './recordBuilders.ts';

/** One block of our format. */
export function encodeBlock(snapshots: readonly RecordedSnapshot[]): EncodedBlock {
  const encoder = new BlockEncoder(createStreamDefiner());
  for (const snapshot of snapshots) encoder.add(snapshot);
  return encoder.finish();
}

/** The values of each snapshot while it was lent, of as many as can be. */
export function* lendValues(
  block: Pick<EncodedBlock, 'raw' | 'nrSnapshots' | 'nrRegions'>,
  withAges = true,
): Generator {
  const options = { interner: createStreamInterner(), withAges };
  for (const snapshot of lendBlock(block.raw, block, options)) yield toComparable(snapshot);
}

/** What a reader gets of these. */
export function roundTripBlock(snapshots: readonly RecordedSnapshot[]): RecordedSnapshot[] {
  const block = encodeBlock(snapshots);
  return decodeBlock(block.raw, block, createStreamInterner());
}
