import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { buildExporterDashboard } from './exporter.ts';
import { buildFleetDashboard } from './fleet.ts';
import { buildHostDashboard } from './host.ts';
import { buildSchemesDashboard } from './schemes.ts';

/** Every dashboard that is shipped. */
export function buildAllDashboards(): readonly Dashboard[] {
  return [
    buildFleetDashboard(),
    buildHostDashboard(),
    buildSchemesDashboard(),
    buildExporterDashboard(),
  ];
}

/** Text of the files below dashboards/ by name. */
export function formatDashboards(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    buildAllDashboards().map((dashboard) => [
      `${dashboard.uid ?? ''}.json`,
      `${JSON.stringify(dashboard, undefined, 2)}\n`,
    ]),
  );
}
