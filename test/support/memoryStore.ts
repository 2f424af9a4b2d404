import type { OwnershipRecord, OwnershipStore } from '../../src/reconcile/ownership.ts';

/** Keeps the record as a file does: what is read is no part of what was written. */
export function createMemoryStore(record?: OwnershipRecord): OwnershipStore & {
  /** Every record written, in order. */
  readonly written: OwnershipRecord[];
} {
  let current = record;
  const written: OwnershipRecord[] = [];
  return {
    location: '/run/test/state.json',
    written,
    read: () => structuredClone(current),
    create: (value) => {
      if (current !== undefined) return false;
      current = structuredClone(value);
      written.push(current);
      return true;
    },
    write: (value) => {
      current = structuredClone(value);
      written.push(current);
    },
    remove: () => {
      current = undefined;
    },
  };
}
