import { createHmac, randomBytes } from 'node:crypto';
import type { BcryptThread } from './bcryptThread.ts';

export interface PasswordChecker {
  /** Undefined where too many wait already. @throws Error when the check cannot be made. */
  check(
    users: ReadonlyMap<string, string>,
    user: string,
    password: string,
  ): Promise<boolean | undefined>;
}

/** Somebody who guesses keeps one core busy with these, and no memory beyond them. */
const MAX_WAITING = 32;
/** Of right passwords: wrong ones are never remembered, so that they cannot push these out. */
const MAX_REMEMBERED = 100;

/** As slow to compare with as the slowest hash of a user, and right for no password. */
export function makeDecoy(users: ReadonlyMap<string, string>): string {
  const costs = [...users.values()].map((hash) => hash.slice(4, 6));
  return `$2b$${costs.sort().at(-1) ?? '10'}$${'.'.repeat(53)}`;
}

/**
 * Compares passwords with bcrypt hashes, beside the event loop. Right ones are remembered, as keyed
 * hashes. For a user there is not, the time of a comparison is taken all the same.
 */
export function createPasswordChecker(
  comparer: Pick<BcryptThread, 'compare' | 'nrWaiting'>,
): PasswordChecker {
  const secret = randomBytes(32);
  const remembered = new Set<string>();
  const running = new Map<string, Promise<boolean>>();

  const compare = async (key: string, password: string, hash: string): Promise<boolean> => {
    try {
      const isRight = await comparer.compare(password, hash);
      if (!isRight) return false;
      const [oldest] = remembered.size < MAX_REMEMBERED ? [] : remembered;
      if (oldest !== undefined) remembered.delete(oldest);
      remembered.add(key);
      return true;
    } finally {
      running.delete(key);
    }
  };

  return {
    check: async (users, user, password) => {
      const known = users.get(user);
      const hash = known ?? makeDecoy(users);
      const parts = JSON.stringify([user, password, hash]);
      const key = createHmac('sha256', secret).update(parts).digest('base64');
      if (remembered.has(key)) return known !== undefined;
      let result = running.get(key);
      if (result === undefined) {
        if (comparer.nrWaiting >= MAX_WAITING) return undefined;
        result = compare(key, password, hash);
        running.set(key, result);
      }
      return (await result) && known !== undefined;
    },
  };
}
