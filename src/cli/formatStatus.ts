import { formatSize, formatTimeNs } from '../base/format.ts';
import type { MachineKdamond, MachineReading } from '../collect/machine.ts';
import type { ContextState, DamonStatState } from '../damon/kdamond.ts';
import { formatTable } from './textTable.ts';

const formatUs = (us: number | undefined): string =>
  us === undefined ? '-' : formatTimeNs(BigInt(Math.round(us)) * 1000n);

const formatTotal = (bytes: bigint): string => formatSize(bytes);

function formatKdamonds(kdamonds: readonly MachineKdamond[]): string {
  if (kdamonds.length === 0) return 'No kdamond runs or is configured.\n';
  const rows = kdamonds.map(({ ref, isRunning, cpuSeconds, state, configuredIntervals }) => {
    const context = state?.contexts[0];
    return [
      ref.label,
      ref.owner,
      isRunning ? 'on' : 'off',
      String(ref.pid ?? '-'),
      cpuSeconds === undefined ? '-' : `${cpuSeconds.toFixed(2)} s`,
      context?.operations ?? '-',
      formatUs(configuredIntervals?.sampleIntervalUs),
      formatUs(configuredIntervals?.aggrIntervalUs),
      context === undefined
        ? '-'
        : `${context.minNrRegions.toString()}-${context.maxNrRegions.toString()}`,
    ];
  });
  const headings = ['KDAMOND', 'OWNER', 'STATE', 'PID', 'CPU', 'OPS', 'SAMPLE', 'AGGR', 'REGIONS'];
  return formatTable(headings, rows);
}

function listContexts(
  kdamonds: readonly MachineKdamond[],
): { readonly kdamond: MachineKdamond; readonly context: ContextState }[] {
  return kdamonds.flatMap((kdamond) =>
    (kdamond.state?.contexts ?? []).map((context) => ({ kdamond, context })),
  );
}

function formatTargets(kdamonds: readonly MachineKdamond[]): string {
  const rows = listContexts(kdamonds).flatMap(({ kdamond, context }) =>
    context.targets.map(({ pid, regions }, index) => {
      const process = kdamond.processes.get(String(index));
      const bytes = regions.reduce((sum, { startAddr, endAddr }) => sum + endAddr - startAddr, 0n);
      return [
        kdamond.ref.label,
        String(index),
        context.operations === 'paddr' ? '-' : String(pid ?? '-'),
        process === undefined ? '-' : (process.command ?? 'gone'),
        regions.length === 0 ? 'as mapped' : `${String(regions.length)} (${formatSize(bytes)})`,
      ];
    }),
  );
  if (rows.length === 0) return '';
  return `\n${formatTable(['KDAMOND', 'TARGET', 'PID', 'COMMAND', 'INITIAL REGIONS'], rows)}`;
}

/** What each scheme was told to do, and has done; empty where there is none. */
export function formatSchemeTable(kdamonds: readonly MachineKdamond[]): string {
  const rows = listContexts(kdamonds).flatMap(({ kdamond, context }) =>
    context.schemes.map(({ action, stats }, index) => [
      kdamond.ref.label,
      String(index),
      action,
      formatTotal(stats.triedBytes),
      formatTotal(stats.appliedBytes),
      stats.quotaExceeds.toString(),
    ]),
  );
  if (rows.length === 0) return '';
  const headings = ['KDAMOND', 'SCHEME', 'ACTION', 'TRIED', 'APPLIED', 'QUOTA EXCEEDED'];
  return formatTable(headings, rows);
}

function formatSchemes(kdamonds: readonly MachineKdamond[]): string {
  const table = formatSchemeTable(kdamonds);
  if (table === '') return '';
  return `\n${table}\nScheme counters are as of their last refresh in the kernel.\n`;
}

function formatDamonStat(state: DamonStatState | undefined): string {
  if (state === undefined) return '';
  if (!state.isEnabled) return 'DAMON_STAT: off\n';
  const { aggrIntervalUs, estimatedMemoryBandwidthBytesPerSecond: bandwidth } = state;
  const median = state.memoryIdleMsPercentiles?.[50];
  const parts = [
    aggrIntervalUs === undefined ? undefined : `aggregation ${formatUs(aggrIntervalUs)}`,
    bandwidth === undefined ? undefined : `bandwidth ${formatSize(bandwidth)}/s`,
    median === undefined
      ? undefined
      : median < 0
        ? `half of memory accessed for ${formatUs(-median * 1000)} or longer`
        : `half of memory idle for ${formatUs(median * 1000)} or longer`,
  ];
  const known = parts.filter((part) => part !== undefined);
  return `DAMON_STAT: on, ${known.length === 0 ? 'no results yet' : known.join(', ')}\n`;
}

function formatModules({ damonStat, modules }: MachineReading): string {
  const states = modules.map(({ name, isEnabled }) => `${name}: ${isEnabled ? 'on' : 'off'}\n`);
  const lines = [formatDamonStat(damonStat), ...states].join('');
  return lines === '' ? '' : `\n${lines}`;
}

/** One reading as JSON: 64-bit numbers as decimal texts, maps as objects. */
export function encodeReading(reading: MachineReading): string {
  const encode = (_key: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return value.toString();
    return value instanceof Map ? Object.fromEntries(value) : value;
  };
  return `${JSON.stringify(reading, encode, 2)}\n`;
}

/** One reading as text for people. */
export function formatStatus(reading: MachineReading): string {
  return [
    formatKdamonds(reading.kdamonds),
    formatTargets(reading.kdamonds),
    formatSchemes(reading.kdamonds),
    formatModules(reading),
  ].join('');
}
