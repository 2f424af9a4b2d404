import { FAMILY_GROUPS } from '../../src/metrics/families.ts';

const SUFFIXES = {
  histogram: ['_bucket', '_sum', '_count'],
  counter: [''],
  gauge: [''],
  info: [''],
};
/** Labels that Prometheus or the scrape configuration adds. */
const SCRAPE_LABELS = ['cluster', 'job', 'instance'];

/** Labels a selector may name, by name of the series. */
function listSeriesLabels(): ReadonlyMap<string, readonly string[]> {
  return new Map(
    FAMILY_GROUPS.flatMap(({ families }) => families).flatMap(({ name, kind, labels }) =>
      SUFFIXES[kind].map((suffix) => [
        name + suffix,
        [...SCRAPE_LABELS, ...labels, ...(suffix === '_bucket' ? ['le'] : [])],
      ]),
    ),
  );
}

/** What an expression asks for that no exporter exposes: series, or labels of a series. */
export function listUnknown(expr: string): string[] {
  const known = listSeriesLabels();
  const code = expr.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const selectors = code.matchAll(/(?<![\w:])((?:damon|process)_\w+)(?:\{([^}]*)\})?/g);
  return [...selectors].flatMap(([, name = '', matchers = '']) => {
    const labels = known.get(name);
    if (labels === undefined) return [name];
    const asked = [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label);
    return asked.filter((label) => !labels.includes(label)).map((label) => `${name}{${label}}`);
  });
}
