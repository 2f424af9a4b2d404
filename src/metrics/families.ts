import { ADDRESS_FAMILIES } from './addressFamilies.ts';
import { EXPORTER_FAMILIES } from './exporterFamilies.ts';
import { HISTOGRAM_FAMILIES } from './histogramFamilies.ts';
import { KDAMOND_FAMILIES } from './kdamondFamilies.ts';
import type { FamilySpec } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { MODULE_FAMILIES } from './moduleFamilies.ts';
import { OTLP_FAMILIES } from './otlpFamilies.ts';
import { QUOTA_FAMILIES } from './quotaFamilies.ts';
import { RECORD_FAMILIES } from './recordFamilies.ts';
import { SCHEME_FAMILIES } from './schemeFamilies.ts';
import { TARGET_FAMILIES } from './targetFamilies.ts';
import { WATERMARK_FAMILIES } from './watermarkFamilies.ts';

/** Families that are asked for and left out together. */
export interface FamilyGroup {
  readonly name: string;
  readonly families: readonly FamilySpec<MetricsInput>[];
}

/**
 * Every metric there is, in the order it is exposed. Text, OpenTelemetry and documentation iterate
 * over this table; adding a metric touches nothing else but the golden file.
 */
export const FAMILY_GROUPS: readonly FamilyGroup[] = [
  { name: 'kdamond', families: KDAMOND_FAMILIES },
  { name: 'target', families: TARGET_FAMILIES },
  { name: 'distribution', families: HISTOGRAM_FAMILIES },
  { name: 'address', families: ADDRESS_FAMILIES },
  { name: 'scheme', families: [...SCHEME_FAMILIES, ...QUOTA_FAMILIES, ...WATERMARK_FAMILIES] },
  { name: 'module', families: MODULE_FAMILIES },
  { name: 'record', families: RECORD_FAMILIES },
  { name: 'otlp', families: OTLP_FAMILIES },
  { name: 'exporter', families: EXPORTER_FAMILIES },
];
