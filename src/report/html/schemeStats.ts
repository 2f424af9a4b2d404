import { formatCount, formatSize } from '../../base/format.ts';
import type { RecordedSchemeStats, RecordedSnapshot } from '../../record/recording.ts';
import type { SchemeLine } from '../chart/schemesChart.ts';
import { createGrowingColumn } from '../growingColumn.ts';
import type { GrowingColumn } from '../growingColumn.ts';
import type { ReportTable } from './htmlReport.ts';

interface Scheme {
  readonly label: string;
  lastNs: bigint;
  last: RecordedSchemeStats;
  readonly seconds: GrowingColumn;
  readonly triedBytes: GrowingColumn;
  readonly appliedBytes: GrowingColumn;
}

/** Follows the counters of every scheme of a record. */
export interface SchemeStatsBuilder {
  add(snapshot: RecordedSnapshot): void;
  /** Undefined when the record has no statistics of schemes. */
  finish(): { readonly table: ReportTable; readonly lines: readonly SchemeLine[] } | undefined;
}

const HEADINGS = [
  'scheme',
  'tried regions',
  'tried bytes',
  'applied regions',
  'applied bytes',
  'passed filters',
  'quota exceeded',
];

function formatRow({ label, last }: Scheme): string[] {
  return [
    label,
    formatCount(last.triedRegions),
    formatSize(last.triedBytes),
    formatCount(last.appliedRegions),
    formatSize(last.appliedBytes),
    formatSize(last.opsFilterPassedBytes),
    `${formatCount(last.quotaExceeds)} times`,
  ];
}

function labelScheme({ stream }: RecordedSnapshot): string {
  const { kdamond, contextIndex, schemeIndex } = stream;
  const parts = [
    kdamond === undefined ? '' : `kdamond ${kdamond}`,
    contextIndex === undefined ? '' : `context ${contextIndex}`,
    `scheme ${schemeIndex ?? '?'}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Memory: three numbers for each snapshot that has statistics. */
export function createSchemeStatsBuilder(): SchemeStatsBuilder {
  const schemes = new Map<string, Scheme>();
  let baseNs: bigint | undefined;
  return {
    add: (snapshot) => {
      baseNs ??= snapshot.startNs;
      const { schemeStats: stats, endNs } = snapshot;
      if (stats === undefined) return;
      const label = labelScheme(snapshot);
      let scheme = schemes.get(label);
      if (scheme === undefined) {
        const [seconds, triedBytes] = [createGrowingColumn(), createGrowingColumn()];
        const appliedBytes = createGrowingColumn();
        scheme = { label, lastNs: endNs - 1n, last: stats, seconds, triedBytes, appliedBytes };
        schemes.set(label, scheme);
      }
      // Each target's snapshot repeats the counters of the moment.
      if (endNs <= scheme.lastNs) return;
      scheme.lastNs = endNs;
      scheme.last = stats;
      scheme.seconds.push(Number(endNs - baseNs) / 1e9);
      scheme.triedBytes.push(Number(stats.triedBytes));
      scheme.appliedBytes.push(Number(stats.appliedBytes));
    },
    finish: () => {
      if (schemes.size === 0) return undefined;
      const all = [...schemes.values()];
      const lines = all.map(({ label, seconds, triedBytes, appliedBytes }) => ({
        label,
        seconds: seconds.values(),
        triedBytes: triedBytes.values(),
        appliedBytes: appliedBytes.values(),
      }));
      return { table: { headings: HEADINGS, rows: all.map(formatRow) }, lines };
    },
  };
}
