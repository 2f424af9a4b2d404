import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { systemClock } from '../../base/clock.ts';
import { KernelError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { readKernelRelease } from '../../kernel/kernelConfig.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import type { MetricFamily } from '../../metrics/metricFamily.ts';
import type { OtlpPush } from '../../otlp/otlpPush.ts';
import type { OtlpSettings } from '../../otlp/otlpSettings.ts';
import type { PushHealth } from '../../otlp/pushHealth.ts';
import { readBootId } from '../kernelAccess.ts';
import { readPackageInfo } from '../packageInfo.ts';

export interface OtlpOutputOptions {
  readonly settings: OtlpSettings;
  readonly health: PushHealth;
  readonly fs: KernelFs;
  /** What tells exporters of one host apart. */
  readonly name: string;
  readonly logger: Logger;
  readonly collectFamilies: () => Promise<MetricFamily[]>;
}

/** For ids of instances. Source: OpenTelemetry semantic conventions, `service.instance.id`. */
const INSTANCE_NAMESPACE = '4d63009a8d0f11eeaad74c796ed8e320';

/** UUID version 5 of a name. Source: RFC 9562, section 5.5. */
function formatUuid5(name: string): string {
  const hash = createHash('sha1').update(Buffer.from(INSTANCE_NAMESPACE, 'hex')).update(name);
  const bytes = hash.digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Undefined where the kernel does not tell. */
function tryRead(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return undefined;
  }
}

/** A restart is the same instance, or all its series would begin anew; after a boot they do. */
function computeInstanceId(fs: KernelFs, name: string): string {
  const bootId = tryRead(() => readBootId(fs));
  return bootId === undefined ? randomUUID() : formatUuid5([bootId, hostname(), name].join('\0'));
}

/** Begins to push; only now is OpenTelemetry's client loaded. */
export async function startOtlpOutput(options: OtlpOutputOptions): Promise<OtlpPush> {
  const { settings, health, fs, name, logger, collectFamilies } = options;
  const { startOtlpPush } = await import('../../otlp/otlpPush.ts');
  return startOtlpPush({
    settings,
    resource: {
      version: readPackageInfo().version,
      instanceId: computeInstanceId(fs, name),
      kernelRelease: tryRead(() => readKernelRelease(fs)),
    },
    health,
    clock: systemClock,
    startMs: systemClock.wallMs() - process.uptime() * 1000,
    logger,
    collectFamilies,
  });
}
