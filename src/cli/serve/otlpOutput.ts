import { hostname } from 'node:os';
import { systemClock } from '../../base/clock.ts';
import { ExporterError, describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { readKernelRelease } from '../../kernel/kernelConfig.ts';
import type { MetricFamily } from '../../metrics/metricFamily.ts';
import type * as OtlpPushModule from '../../otlp/otlpPush.ts';
import type { OtlpPush } from '../../otlp/otlpPush.ts';
import type { OtlpSettings } from '../../otlp/otlpSettings.ts';
import type { PushHealth } from '../../otlp/pushHealth.ts';
import type { KernelAccess } from '../kernelAccess.ts';
import { readPackageInfo } from '../packageInfo.ts';
import { computeInstanceId, readIfTold } from './instanceId.ts';

export interface OtlpOutputOptions {
  readonly settings: OtlpSettings;
  readonly health: PushHealth;
  readonly kernel: KernelAccess;
  /** What tells exporters of one host apart. */
  readonly name: string;
  readonly logger: Logger;
  readonly collectFamilies: () => Promise<MetricFamily[]>;
}

/** Optional dependencies: half of what is installed with them is of use only here. */
async function loadPush(): Promise<typeof OtlpPushModule> {
  try {
    return await import('../../otlp/otlpPush.ts');
  } catch (error) {
    const { code } = Object(error) as { code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const [problem] = describeError(error).split('\n');
    throw new ExporterError(
      'failure',
      `push by OTLP: the optional packages @opentelemetry/* could not be loaded (${problem ?? ''}); install damon-exporter without --omit=optional, or drop --otlp.endpoint`,
      { cause: error },
    );
  }
}

/** Begins to push; only now is OpenTelemetry's client loaded. */
export async function startOtlpOutput(options: OtlpOutputOptions): Promise<OtlpPush> {
  const { settings, health, kernel, name, logger, collectFamilies } = options;
  const { startOtlpPush } = await loadPush();
  return startOtlpPush({
    settings,
    resource: {
      version: readPackageInfo().version,
      instanceId: computeInstanceId(kernel.fs, [hostname(), name]),
      kernelRelease: readIfTold(() => readKernelRelease(kernel.fs)),
    },
    health,
    clock: systemClock,
    observedClock: kernel.clock,
    startMs: systemClock.wallMs() - process.uptime() * 1000,
    logger,
    collectFamilies,
  });
}
