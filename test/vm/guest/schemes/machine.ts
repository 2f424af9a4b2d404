import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';

const CGROUPS = '/sys/fs/cgroup';
const SWAP_KIB = 384 * 1024;

/** A disk of memory to swap to: without it only file-backed memory could be paged out. */
export function switchOnSwap(release: string): void {
  const kernel = readdirSync('/modules').find((name) => release.startsWith(`${name}.`));
  assert.ok(kernel !== undefined, `no modules for Linux ${release}`);
  const run = (...words: readonly string[]): void => {
    execFileSync('/bin/busybox', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  run('insmod', `/modules/${kernel}/brd.ko`, 'rd_nr=1', `rd_size=${SWAP_KIB}`);
  run('mkswap', '/dev/ram0');
  run('swapon', '/dev/ram0');
}

/** Starts something in a cgroup of its own: what is started is where its parent is. */
export async function inCgroup<T>(path: string, start: () => Promise<T>): Promise<T> {
  writeFileSync(`${CGROUPS}/cgroup.subtree_control`, '+memory');
  mkdirSync(CGROUPS + path, { recursive: true });
  const move = (to: string): void => {
    writeFileSync(`${CGROUPS}${to}/cgroup.procs`, String(process.pid));
  };
  move(path);
  try {
    return await start();
  } finally {
    move('');
  }
}

/** A line of a cgroup's memory.stat, in bytes. */
export function readMemoryStat(path: string, name: string): number {
  const text = readFileSync(`${CGROUPS}${path}/memory.stat`, 'utf8');
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

/** Memory that a process has at the moment. */
export function readRssBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
}
