/** What holds for all metrics; stands before the list of them. */
export const INTRODUCTION = `# Metrics

Every metric of \`/metrics\`, of the textfile and, under dotted names, of what is
[pushed to OpenTelemetry](otlp.md): written by \`npm run docs:metrics\` from the table that all of them
are made of (\`src/metrics/families.ts\`). Every query below is run by the tests on a Prometheus that
scrapes simulated hosts.

## What holds for all

- **Absent means not known.** What this kernel does not tell, or not now, is no series, never 0.
  After each family stands when it is absent.
- **No series by process id, address or region.** A target is known by its index; which program it is
  says \`damon_target_info\`. Targets that are gone leave nothing behind.
- **Gauges of a target are of its newest snapshot**, the last aggregation the kernel reported. How old
  that is: \`damon_exporter_snapshot_age_seconds\`. Scrapes get what was collected last; they do not read
  the kernel.
- **Histograms of byte-seconds.** \`damon_access_ratio\`, \`damon_idle_seconds\` and \`damon_address_heat\`
  add up bytes times the seconds they were so. The rate of a bucket is therefore in bytes, averaged over
  the time of the rate, whatever the aggregation interval is or is tuned to.
- **Every aggregation counts in histograms**, not only those that a scrape happened to see. They
  begin at 0 with the exporter, and again before a count reaches 2^63.
- **Counters of the kernel are carried** across its 64-bit wrap and across restarts of kdamonds.
- **Bounds in selectors.** OpenMetrics writes \`le="120.0"\` where text writes \`le="120"\`; Prometheus 3
  stores both as the former. \`le=~"120|120.0"\` finds either.
- **Settings**: window, buckets, idle times, cells and the most series of a family are options
  (\`serve --help\`, Metrics).
- **Only some of them**: \`/metrics?collect[]=GROUP\` and \`exclude[]=GROUP\`, by the names of groups below.
`;
