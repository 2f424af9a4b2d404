// Records into many files, as fast as it can, until it is killed. A plain program so that a thousand
// of them start quickly: node killedRecorder.js DIR NR_FILES SEED WRITER_MODULE BUILDERS_MODULE.
// Before a file is closed and the next one begun it gets some dozens of snapshots. Standard output
// says, once it is so, how many snapshots of a file are in blocks that were written.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const [dir, nrFiles, seed, writerModule, snapshotModule] = process.argv.slice(2);
const { createRecordFileWriter } = await import(pathToFileURL(writerModule).href);
const { makeNumberedSnapshot } = await import(pathToFileURL(snapshotModule).href);

let state = Number(seed) + 1;
function below(bound) {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >>> 8) % bound;
}

async function recordForEver(file) {
  for (let generation = 0; ; generation += 1) {
    const name = `${file}-${generation}`;
    const writer = await createRecordFileWriter(join(dir, name), { flushIntervalMs: below(5) });
    const nrSnapshots = 1 + below(80);
    for (let number = 0; number < nrSnapshots; number += 1) {
      await writer.write(makeNumberedSnapshot(number));
      if (below(4) > 0) continue;
      await writer.flush();
      writeSync(1, `${name} ${writer.nrWritten}\n`);
    }
    await writer.close();
    writeSync(1, `${name} ${nrSnapshots}\n`);
  }
}

for (let file = 0; file < Number(nrFiles); file += 1) void recordForEver(file);
