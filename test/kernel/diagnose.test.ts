import { gzipSync } from 'node:zlib';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KernelError } from '../../src/base/errors.ts';
import { diagnose, listUsableSources, type Diagnosis } from '../../src/kernel/diagnose.ts';
import { parseKernelConfig, readKernelConfig } from '../../src/kernel/kernelConfig.ts';
import type { KernelFs, KernelPath } from '../../src/kernel/kernelFs.ts';
import { parsePrivileges } from '../../src/kernel/privileges.ts';
import { createFixtureKernel, getFixtureFiles } from '../support/fixtureTree.ts';
import { createTestRetry } from '../support/testRetry.ts';

const DAMON = 'sys/kernel/mm/damon';
const KTHREADD = '2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 0 0 0\n';
const KDAMOND =
  '50 (kdamond.0) I 2 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 344 0 0 18446744073709551615\n';
const IOMEM = '00001000-0009fbff : System RAM\n';
const MOUNTS = 'sysfs /sys sysfs rw 0 0\ntracefs /sys/kernel/tracing tracefs rw 0 0\n';
const CONFIG = ['DAMON', 'DAMON_SYSFS', 'DAMON_VADDR', 'DAMON_PADDR']
  .map((name) => `CONFIG_${name}=y\n`)
  .join('');
const EVENT = 'trace/events/damon/damon_aggregated/format';

function createStatus(uid: number, capabilities: string): string {
  return `Name:\tnode\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nCapEff:\t${capabilities}\n`;
}

function createMachine(release: string, files: Record<string, string> = {}) {
  return {
    'proc/sys/kernel/osrelease': `${release}\n`,
    [`boot/config-${release}`]: CONFIG,
    'proc/mounts': MOUNTS,
    'proc/self/status': createStatus(0, '000001ffffffffff'),
    'proc/2/stat': KTHREADD,
    'proc/iomem': IOMEM,
    'sys/module/': '',
    [EVENT]: '',
    ...files,
  };
}

const OLD = createMachine('6.12.107', {
  ...getFixtureFiles('6.12-modules-boot.txt', 'sys/module'),
  [`${DAMON}/admin/kdamonds/nr_kdamonds`]: '0\n',
});
const NEW = createMachine('7.2.13', {
  ...getFixtureFiles('7.2-modules-boot.txt', 'sys/module'),
  [`${DAMON}/admin/kdamonds/nr_kdamonds`]: '0\n',
  'proc/50/stat': KDAMOND,
});
const { [EVENT]: damonEvent, ...BARE } = createMachine('6.1.0', {
  'boot/config-6.1.0': '# CONFIG_DAMON is not set\n',
  'trace/events/sched/': '',
});

/** Files of mode 0600 and 0400 answer EACCES, directories list: as for a user without capabilities. */
function withoutPermission(fs: KernelFs): KernelFs {
  const refuse = (operation: string, path: KernelPath): never => {
    throw new KernelError({ operation, path: fs.describePath(path), errno: 'EACCES' });
  };
  const isHidden = (path: KernelPath): boolean =>
    path.startsWith('sys/') || path.startsWith('trace/');
  return {
    ...fs,
    readText: (path) => (isHidden(path) ? refuse('read', path) : fs.readText(path)),
    list: (path) => (path.startsWith('trace/') ? refuse('list', path) : fs.list(path)),
    exists: (path) => !path.startsWith('trace/') && fs.exists(path),
  };
}

function formatDiagnosis({ findings, sources, isUsable }: Diagnosis, root: string): string {
  const lines = findings.map(
    ({ id, severity, summary, advice }) =>
      `${severity} ${id}: ${summary}${advice === undefined ? '' : `\n    ${advice}`}`,
  );
  const available = sources.map(({ name, problem }) => `source ${name}: ${problem ?? 'usable'}`);
  const text = [...lines, ...available, `usable: ${isUsable ? 'yes' : 'no'}`].join('\n');
  return `${text.replaceAll(root, '')}\n`;
}

interface Case {
  readonly name: string;
  readonly files: Record<string, string>;
  readonly isUnprivileged?: boolean;
  readonly usable: readonly string[];
}

const CASES: readonly Case[] = [
  { name: '6.12-root', files: OLD, usable: ['trace', 'sysfs'] },
  { name: '7.2-damon-stat', files: NEW, usable: ['trace', 'damon_stat'] },
  {
    name: '7.2-unprivileged',
    files: { ...NEW, 'proc/self/status': createStatus(65534, '0000000000000000') },
    isUnprivileged: true,
    usable: [],
  },
  {
    name: '7.2-read-search',
    files: {
      ...NEW,
      'proc/self/status': createStatus(65534, '0000000000000004'),
      'proc/iomem': '00000000-00000000 : System RAM\n',
    },
    usable: ['damon_stat'],
  },
  { name: '6.1-no-damon', files: BARE, usable: [] },
  {
    name: '5.15-debugfs-only',
    files: createMachine('5.15.0', {
      'boot/config-5.15.0': 'CONFIG_DAMON=y\nCONFIG_DAMON_VADDR=y\nCONFIG_DAMON_DBGFS=y\n',
      'sys/kernel/debug/damon/attrs': '',
    }),
    usable: [],
  },
  {
    name: '6.12-container',
    files: {
      ...OLD,
      'proc/2/stat': KTHREADD.replace('kthreadd', 'sh'),
      'proc/mounts': 'sysfs /sys sysfs ro,nosuid 0 0\n',
    },
    usable: ['trace'],
  },
  {
    name: '6.12-lockdown-reclaim-running',
    files: {
      ...OLD,
      ...getFixtureFiles('6.12-defaults.txt', DAMON),
      'sys/kernel/security/lockdown': 'none integrity [confidentiality]\n',
      [`${DAMON}/admin/kdamonds/0/state`]: 'on\n',
      [`${DAMON}/admin/kdamonds/0/pid`]: '50\n',
      'sys/module/damon_reclaim/parameters/enabled': 'Y\n',
      'sys/module/damon_reclaim/parameters/kdamond_pid': '51\n',
      'proc/50/stat': KDAMOND,
      'proc/52/stat': KDAMOND.replace('50 (kdamond.0)', '52 (kdamond.2)'),
    },
    usable: [],
  },
];

describe('diagnosis', () => {
  test.each(CASES)('$name', async ({ name, files, isUnprivileged, usable }) => {
    const { fs, root } = createFixtureKernel(files);
    const seen = isUnprivileged === true ? withoutPermission(fs) : fs;
    const diagnosis = await diagnose(seen, createTestRetry());
    expect(listUsableSources(diagnosis)).toEqual(usable);
    expect(diagnosis.isUsable).toBe(usable.length > 0);
    await expect(formatDiagnosis(diagnosis, root)).toMatchFileSnapshot(
      `../golden/kernel/diagnose-${name}.txt`,
    );
  });

  test('without DAMON and without its events nothing is usable', async () => {
    expect(damonEvent).toBe('');
    const { fs } = createFixtureKernel({ ...BARE, 'proc/mounts': '' });
    const diagnosis = await diagnose(fs, createTestRetry());
    expect(diagnosis.isUsable).toBe(false);
    const problems = diagnosis.findings.filter(({ severity }) => severity === 'problem');
    expect(problems.map(({ id }) => id)).toEqual(['config', 'sysfs']);
    expect(problems.every(({ advice }) => advice !== undefined)).toBe(true);
  });
});

describe('kernel configuration', () => {
  test('only options that are set count', () => {
    const text = '# CONFIG_DAMON is not set\nCONFIG_DAMON_SYSFS=y\nCONFIG_HZ=250\n';
    expect([...parseKernelConfig(text)]).toEqual([
      ['CONFIG_DAMON_SYSFS', 'y'],
      ['CONFIG_HZ', '250'],
    ]);
  });

  test('is read from /proc/config.gz where /boot has none', () => {
    const { fs, root } = createFixtureKernel({ 'proc/config.gz': '', 'boot/': '' });
    writeFileSync(join(root, 'proc/config.gz'), gzipSync('CONFIG_DAMON=y\n'));
    expect(readKernelConfig(fs, '6.12.0')?.get('CONFIG_DAMON')).toBe('y');
    expect(readKernelConfig(createFixtureKernel({ 'proc/': '' }).fs, '6.12.0')).toBeUndefined();
  });
});

describe('privileges', () => {
  test.each([
    ['0000000000000000', []],
    ['0000000000000002', ['CAP_DAC_OVERRIDE']],
    ['0000004000200004', ['CAP_DAC_READ_SEARCH', 'CAP_SYS_ADMIN', 'CAP_PERFMON']],
  ])('CapEff %s', (bits, held) => {
    const { uid, capabilities } = parsePrivileges(createStatus(65534, bits));
    expect(uid).toBe(65534);
    expect([...capabilities]).toEqual(held);
  });

  test('text without the lines is refused', () => {
    expect(() => parsePrivileges('Name:\tx\n')).toThrow(/found no Uid/);
  });
});
