import type { PlannedWrite } from '../../kernel/writePlan.ts';
import { KDAMONDS } from '../../kernel/kdamonds.ts';
import type { KdamondPlan } from '../../reconcile/planKdamonds.ts';
import type { WantedKdamond } from './wantedKdamonds.ts';

const MANNERS: Readonly<Record<KdamondPlan['manner'], string>> = {
  unchanged: 'does what is asked for already',
  commit: 'is told while it runs; what it has counted and learned stays',
  restart: 'is stopped and started again; it begins anew',
  start: 'is started',
  stop: 'is stopped: nothing is left to monitor',
  wait: 'waits: there is nothing to monitor',
};

function formatWrites(writes: readonly PlannedWrite[]): string {
  const rows = writes.map(({ path, value, before, why }) => {
    const change = before === undefined ? value : `${before || '""'} -> ${value}`;
    return [path.slice(KDAMONDS.length + 1), change, why] as const;
  });
  const widest = (column: 0 | 1): number => Math.max(0, ...rows.map((row) => row[column].length));
  const [paths, changes] = [widest(0), Math.min(widest(1), 48)];
  return rows
    .map(([path, change, why]) => `  ${path.padEnd(paths)}  ${change.padEnd(changes)}  # ${why}\n`)
    .join('');
}

function formatHeading({ index, manner }: KdamondPlan, wanted: WantedKdamond | undefined): string {
  const name = wanted === undefined || wanted.name === String(index) ? '' : ` "${wanted.name}"`;
  const missing = (wanted?.missing ?? []).map((what) => `; not there: ${what}`).join('');
  return `kdamond ${index}${name} ${MANNERS[manner]}${missing}\n`;
}

export interface Plan {
  readonly directories: readonly PlannedWrite[];
  readonly kdamonds: readonly KdamondPlan[];
}

/**
 * One line per write, in order: the file, what is there and what is to come, and why.
 *
 * @param where The directory that all files are in, and on what kernel.
 */
export function formatPlan(plan: Plan, wanted: readonly WantedKdamond[], where: string): string {
  const parts = plan.kdamonds.map(
    (kdamond) => formatHeading(kdamond, wanted[kdamond.index]) + formatWrites(kdamond.writes),
  );
  const directories = plan.directories.length === 0 ? [] : [formatWrites(plan.directories)];
  return [`${where}\n`, ...directories, ...parts].join('\n');
}
