import { parseCount } from './attributeValue.ts';
import { KDAMOND_LAYOUT } from './damonLayout.ts';
import type { DamonHost } from './damonHost.ts';
import { Errno, StaticDir, createTextFile } from './kernelNode.ts';
import { UNBOUNDED, createStagedDir } from './stagedDir.ts';
import { SysfsKdamond, checkLock } from './sysfsKdamond.ts';
import type { DamonLock } from './sysfsKdamond.ts';

/** `sys/kernel/mm/damon`: the whole tree with its `kdamonds/nr_kdamonds`. */
export function createDamonAdmin(host: DamonHost): StaticDir {
  const lock: DamonLock = { waiting: undefined, isHeld: false };
  const dir = new StaticDir();
  let kdamonds: SysfsKdamond[] = [];
  dir.entries.set('nr_kdamonds', {
    kind: 'file',
    mode: 0o600,
    read: () => `${kdamonds.length}\n`,
    write: (value) => {
      const count = parseCount(value, UNBOUNDED);
      checkLock(lock);
      if (kdamonds.some(({ isRunning }) => isRunning)) throw new Errno('EBUSY');
      kdamonds.forEach((_, index) => dir.entries.delete(String(index)));
      kdamonds = Array.from({ length: count }, () => createKdamond(host, lock));
      kdamonds.forEach((kdamond, index) => dir.entries.set(String(index), kdamond.dir));
      return undefined;
    },
  });
  return new StaticDir({ admin: new StaticDir({ kdamonds: dir }) });
}

function createKdamond(host: DamonHost, lock: DamonLock): SysfsKdamond {
  const dir = createStagedDir(KDAMOND_LAYOUT, '', {
    model: host.model,
    checkLock: () => {
      checkLock(lock);
    },
  });
  const kdamond = new SysfsKdamond(dir, host, lock);
  dir.entries.set('state', {
    kind: 'file',
    mode: 0o600,
    read: () => {
      checkLock(lock);
      return kdamond.isRunning ? 'on\n' : 'off\n';
    },
    write: (value) => kdamond.writeState(value),
  });
  const readPid = (): string => {
    checkLock(lock);
    return `${kdamond.pid}\n`;
  };
  dir.entries.set('pid', createTextFile(readPid, 0o400));
  return kdamond;
}
