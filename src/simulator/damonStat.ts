import { parseBool } from './attributeValue.ts';
import type { ContextConfig } from './contextConfig.ts';
import type { DamonHost } from './damonHost.ts';
import type { Kdamond } from './kdamond.ts';
import type { StaticDir } from './kernelNode.ts';
import { ModuleParameters } from './moduleParameters.ts';
import { computeMonitoredRam } from './moduleRam.ts';

const REFRESH_US = 5_000_000;
const NR_PERCENTILES = 101;

function createConfig(host: DamonHost): ContextConfig {
  return {
    operations: 'paddr',
    isPaused: false,
    intervals: { sampleUs: 5_000, aggrUs: 100_000, updateUs: 60_000_000 },
    goal: { accessBp: 400, aggrs: 3, minSampleUs: 5_000, maxSampleUs: 10_000_000 },
    minNrRegions: 10,
    maxNrRegions: 1000,
    probes: [],
    targets: [{ pid: 0, ranges: [computeMonitoredRam(host)] }],
    schemes: [],
  };
}

/** What the module publishes: of its last refresh, kept when it is switched off. */
interface Published {
  readonly aggrUs: number;
  readonly bytesPerSecond: number;
  readonly idleMs: readonly number[];
}

/** DAMON_STAT: `sys/module/damon_stat`, monitoring all memory by itself. */
export interface DamonStatModule {
  readonly dir: StaticDir;
  /** @throws Errno EBUSY while anything else of DAMON runs */
  turnOn(): void;
}

export function createDamonStat(host: DamonHost): DamonStatModule {
  const parameters = new ModuleParameters([]);
  let kdamond: Kdamond | undefined;
  let published: Published = {
    aggrUs: 0,
    bytesPerSecond: 0,
    idleMs: new Array<number>(NR_PERCENTILES).fill(0),
  };
  let refreshedUs = 0;
  const isRunning = (): boolean => kdamond?.isRunning === true;
  const turnOn = (): void => {
    if (isRunning()) return;
    host.checkFree('module');
    refreshedUs = host.machine.nowUs;
    kdamond = host.start('module', createConfig(host), (running) => {
      if (host.machine.nowUs - refreshedUs < REFRESH_US) return;
      refreshedUs = host.machine.nowUs;
      published = computePublished(running, host.model.has('signed_idle_time'));
    });
  };
  parameters.handle(
    'enabled',
    () => (isRunning() ? 'Y' : 'N'),
    (text) => {
      if (parseBool(text) === 'Y') turnOn();
      else kdamond?.stop();
      return undefined;
    },
  );
  parameters.show('estimated_memory_bandwidth', () => published.bytesPerSecond);
  parameters.show('memory_idle_ms_percentiles', () => published.idleMs.join(','));
  if (host.model.has('damon_stat:aggr_interval_us')) {
    parameters.show('aggr_interval_us', () => published.aggrUs);
  }
  if (host.model.has('damon_stat:kdamond_pid')) {
    parameters.show('kdamond_pid', () => (isRunning() ? (kdamond?.pid ?? -1) : -1));
  }
  return { dir: parameters.moduleDir, turnOn };
}

interface IdleRegion {
  readonly bytes: number;
  /** Aggregation intervals; negative = accessed for that long. */
  readonly idle: number;
}

function computePublished(kdamond: Kdamond, isSigned: boolean): Published {
  const { aggrUs } = kdamond.intervals;
  const regions: IdleRegion[] = [];
  let accessedBytes = 0;
  for (const target of kdamond.targets) {
    const { columns, count } = target.regions;
    for (let i = 0; i < count; i++) {
      const bytes = (columns.end[i] ?? 0) - (columns.start[i] ?? 0);
      const nrAccesses = columns.nrAccesses[i] ?? 0;
      const age = (columns.age[i] ?? 0) + 1;
      accessedBytes += bytes * nrAccesses;
      regions.push({ bytes, idle: nrAccesses === 0 ? age : isSigned ? -age : 0 });
    }
  }
  return {
    aggrUs,
    bytesPerSecond: Math.floor((accessedBytes * 1e6) / aggrUs),
    idleMs: computePercentiles(regions).map((idle) => Math.trunc((idle * aggrUs) / 1000)),
  };
}

/** Step by step: percentile p is the idle time of the region that holds that share of all bytes. */
function computePercentiles(regions: IdleRegion[]): number[] {
  regions.sort((left, right) => left.idle - right.idle);
  const totalBytes = regions.reduce((sum, { bytes }) => sum + bytes, 0);
  const percentiles: number[] = [];
  let bytes = 0;
  for (const region of regions) {
    bytes += region.bytes;
    while (percentiles.length <= (bytes * 100) / totalBytes) percentiles.push(region.idle);
  }
  return percentiles.slice(0, NR_PERCENTILES);
}
