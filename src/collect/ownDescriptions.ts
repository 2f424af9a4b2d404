import type { KdamondState } from '../damon/kdamond.ts';

interface Named {
  readonly name?: string;
}

/** What only we know of a kdamond of ours. */
export interface OwnDescription {
  /** In the order of the kernel. */
  readonly schemes: readonly Named[];
  readonly probes: readonly Named[];
  readonly nrClears: number;
  /** It is being told something else: its files say what is to come, or parts of it. */
  readonly isChanging?: boolean;
}

/** Adds what we know to what the kernel says. */
export interface OwnDescriber {
  /** Before the kernel is read. */
  begin(): void;
  describe(state: KdamondState): KdamondState;
}

function nameAll<T extends Named>(found: readonly T[], named: readonly Named[]): readonly T[] {
  return found.map((one, index) => {
    const name = named[index]?.name;
    return name === undefined ? one : { ...one, name };
  });
}

function nameParts(state: KdamondState, own: OwnDescription): KdamondState {
  const contexts = state.contexts.map((context) => ({
    ...context,
    ...(context.probes && { probes: nameAll(context.probes, own.probes) }),
    schemes: nameAll(context.schemes, own.schemes),
  }));
  return { ...state, contexts, nrClears: own.nrClears };
}

/**
 * While a kdamond is told something else it goes on as it was when it was read last: schemes that
 * are written anew, or not there for a moment, would look like ones that ended.
 *
 * @param find Undefined for what is not ours, or where nobody named anything in it.
 */
export function createOwnDescriber(
  listOwnIndexes: () => ReadonlySet<number>,
  find: (index: number) => OwnDescription | undefined,
): OwnDescriber {
  const latest = new Map<number, KdamondState>();
  let changing: ReadonlySet<number> = new Set();
  const listChanging = (): ReadonlySet<number> =>
    new Set([...listOwnIndexes()].filter((index) => find(index)?.isChanging === true));
  return {
    begin: () => {
      changing = listChanging();
    },
    describe: (state) => {
      const { index } = state;
      const own = listOwnIndexes().has(index) ? find(index) : undefined;
      if (own === undefined) {
        latest.delete(index);
        return state;
      }
      const last = latest.get(index);
      const isSettled = own.isChanging !== true && !changing.has(index);
      if (!isSettled && state.isRunning && last?.isRunning === true) {
        const { contexts, nrClears } = last;
        return { ...state, contexts, ...(nrClears !== undefined && { nrClears }) };
      }
      const described = nameParts(state, own);
      latest.set(index, described);
      return described;
    },
  };
}
