import { ADDRESS_FAMILIES } from './addressFamilies.ts';
import { CONFIG_FAMILIES } from './configFamilies.ts';
import { EXPORTER_FAMILIES } from './exporterFamilies.ts';
import { FILTER_FAMILIES } from './filterFamilies.ts';
import { HISTOGRAM_FAMILIES } from './histogramFamilies.ts';
import { KDAMOND_FAMILIES } from './kdamondFamilies.ts';
import type { FamilySpec } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { MODULE_FAMILIES } from './moduleFamilies.ts';
import { OTLP_FAMILIES } from './otlpFamilies.ts';
import { PROBE_FAMILIES } from './probeFamilies.ts';
import { QUOTA_FAMILIES } from './quotaFamilies.ts';
import { RECORD_FAMILIES } from './recordFamilies.ts';
import { SCHEME_FAMILIES } from './schemeFamilies.ts';
import { TARGET_FAMILIES } from './targetFamilies.ts';
import { WATERMARK_FAMILIES } from './watermarkFamilies.ts';

/** Families that are asked for and left out together. */
export interface FamilyGroup {
  /** As `collect[]` asks for it. */
  readonly name: string;
  /** What it tells about, as a heading. */
  readonly title: string;
  readonly families: readonly FamilySpec<MetricsInput>[];
  /**
   * The values follow from snapshots, from what was read of the machine, and from nothing else: they
   * hold until more of that comes.
   */
  readonly followsKernel: boolean;
}

/**
 * Every metric there is, in the order it is exposed. Text, OpenTelemetry and documentation iterate
 * over this table; adding a metric touches nothing else but what is made of it: golden files and
 * docs/metrics.md.
 */
export const FAMILY_GROUPS: readonly FamilyGroup[] = [
  {
    name: 'kdamond',
    title: 'Kernel threads and their contexts',
    families: KDAMOND_FAMILIES,
    followsKernel: true,
  },
  {
    name: 'target',
    title: 'Targets now',
    families: [...TARGET_FAMILIES, ...PROBE_FAMILIES],
    followsKernel: true,
  },
  {
    name: 'distribution',
    title: 'Targets over time',
    families: HISTOGRAM_FAMILIES,
    followsKernel: true,
  },
  { name: 'address', title: 'Heat by address', families: ADDRESS_FAMILIES, followsKernel: true },
  {
    name: 'scheme',
    title: 'Schemes',
    families: [...SCHEME_FAMILIES, ...FILTER_FAMILIES, ...QUOTA_FAMILIES, ...WATERMARK_FAMILIES],
    followsKernel: true,
  },
  {
    name: 'module',
    title: "The kernel's own modules",
    families: MODULE_FAMILIES,
    followsKernel: true,
  },
  {
    name: 'config',
    title: 'The configuration files',
    families: CONFIG_FAMILIES,
    followsKernel: false,
  },
  {
    name: 'record',
    title: 'The record that serve keeps',
    families: RECORD_FAMILIES,
    followsKernel: false,
  },
  {
    name: 'otlp',
    title: 'Pushing to OpenTelemetry',
    families: OTLP_FAMILIES,
    followsKernel: false,
  },
  {
    name: 'exporter',
    title: 'The exporter itself',
    families: EXPORTER_FAMILIES,
    followsKernel: false,
  },
];
