/**
 * The newest state without its regions, as pages get it: 64-bit integers are decimal strings, what is
 * unknown is null.
 */
export interface ObservationJson {
  readonly takenAtNs: string;
  readonly kernelRelease: string | null;
  readonly source: {
    readonly active: string | null;
    /** By source: why it is not in use. */
    readonly problems: Readonly<Record<string, string>>;
  };
  readonly kdamonds: readonly KdamondJson[];
  readonly damonStat: {
    readonly isEnabled: boolean;
    readonly memoryBandwidthBytesPerSecond: string | null;
  } | null;
  readonly collector: {
    readonly isIdle: boolean;
    readonly snapshots: number;
    readonly lostEvents: number;
    readonly spoiledSnapshots: number;
    readonly busyRetries: number;
    readonly problems: readonly { readonly part: string; readonly problem: string }[];
  };
}

export interface KdamondJson {
  readonly kdamond: string;
  readonly owner: string;
  readonly isRunning: boolean;
  readonly cpuSeconds: number | null;
  /** By context. */
  readonly operations: readonly string[] | null;
  readonly nrSchemes: number | null;
  readonly targets: readonly TargetJson[];
}

export interface TargetJson {
  readonly context: string;
  readonly target: string;
  readonly command: string | null;
  readonly regions: number;
  readonly monitoredBytes: string;
  readonly wssBytes: string;
  readonly sampleIntervalUs: number | null;
  readonly aggrIntervalUs: number | null;
  readonly endNs: string;
  readonly ageSeconds: number;
}
