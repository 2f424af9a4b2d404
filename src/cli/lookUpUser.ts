import { readFileSync } from 'node:fs';

/**
 * The number of a user, by name from a file such as /etc/passwd or by number; undefined for a name
 * the file does not have.
 */
export function lookUpUser(name: string, passwdPath = '/etc/passwd'): number | undefined {
  if (/^\d{1,10}$/.test(name)) return Number(name);
  const line = readFileSync(passwdPath, 'utf8')
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name}:`));
  const uid = line?.split(':')[2];
  return uid !== undefined && /^\d{1,10}$/.test(uid) ? Number(uid) : undefined;
}
