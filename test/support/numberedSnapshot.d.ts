import type { RecordedSnapshot } from '../../src/record/recording.ts';

export declare function makeNumberedSnapshot(number: number): RecordedSnapshot;
