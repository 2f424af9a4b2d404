import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildRecordingRules } from '../../scripts/rules/recordingRules.ts';
import { createFasterDurations, keepDuration } from '../../scripts/rules/rule.ts';
import { buildAlertGroups, formatRuleFiles } from '../../scripts/rules/ruleFiles.ts';
import { formatRunbookUrl, readRunbooksUrl } from '../../scripts/rules/runbooks.ts';
import { listUnknown } from '../support/knownMetrics.ts';
import { readRunbookSections } from '../support/runbooks.ts';

interface AlertCase {
  readonly alertname: string;
  readonly exp_alerts?: readonly object[];
}

interface RuleFile {
  readonly groups: readonly [{ readonly rules: readonly object[] }];
}

interface RuleTests {
  readonly tests: readonly { readonly alert_rule_test: readonly AlertCase[] }[];
}

const alerts = Object.values(buildAlertGroups(keepDuration)).flat();
const names = alerts.map(({ alert }) => alert);

function readCases(): readonly AlertCase[] {
  return readdirSync('test/rules')
    .filter((name) => name !== 'limits.yaml')
    .map((name) => parse(readFileSync(`test/rules/${name}`, 'utf8')) as RuleTests)
    .flatMap(({ tests }) => tests.flatMap((each) => each.alert_rule_test));
}

test('the committed rules are what `npm run rules` writes', () => {
  for (const [name, text] of Object.entries(formatRuleFiles(keepDuration))) {
    expect(readFileSync(`rules/${name}`, 'utf8'), name).toBe(text);
  }
});

test('rules ask for series and labels that the exporter exposes', () => {
  const exprs = [...alerts, ...buildRecordingRules(keepDuration)].map(({ expr }) => expr);
  expect(exprs.flatMap(listUnknown)).toEqual([]);
});

describe.each(alerts.map((alert) => [alert.alert, alert] as const))('%s', (name, alert) => {
  test('says what is wrong, where, how bad and since when', () => {
    expect(alert.summary).toMatch(/\$labels\.instance.*\.$/);
    expect(alert.description).toMatch(/\.$/);
    expect(alert.severity).toMatch(/^(?:critical|warning|info)$/);
    expect(alert.for).toMatch(/^\d+[mh]$/);
  });

  test('has a runbook with all it needs', () => {
    const section = readRunbookSections().get(name);
    const parts = [...(section ?? '').matchAll(/^\*\*(\w+)\.\*\*/gm)].map(([, part]) => part);
    expect(parts).toEqual(['Meaning', 'Impact', 'Diagnosis', 'Mitigation']);
  });

  test('has a case in which it fires and one in which it does not', () => {
    const cases = readCases().filter(({ alertname }) => alertname === name);
    expect(cases.some(({ exp_alerts }) => (exp_alerts ?? []).length > 0)).toBe(true);
    expect(cases.some(({ exp_alerts }) => (exp_alerts ?? []).length === 0)).toBe(true);
  });
});

test('there is no runbook without an alert, and no alert twice', () => {
  expect([...readRunbookSections().keys()].sort()).toEqual([...names].sort());
});

test('the examples of limits are tested as they stand in the comments', () => {
  const lines = readFileSync('rules/damon-limits.yaml', 'utf8').split('\n');
  const examples = lines.flatMap((line) => /^ {6}# (- .*| {2}\w.*)$/.exec(line)?.[1] ?? []);
  const tested = parse(readFileSync('test/rules/limits.yaml', 'utf8')) as RuleFile;
  expect(parse(examples.join('\n'))).toEqual(tested.groups[0].rules);
});

test('runbooks are found below the repository of package.json, or in the package', () => {
  expect(readRunbooksUrl()).toMatch(/(?:^|\/)docs\/runbooks\.md$/);
  expect(formatRunbookUrl('DamonWssSpike')).toBe(`${readRunbooksUrl()}#damonwssspike`);
});

test.each([
  ['5m', '1250ms'],
  ['6h', '90000ms'],
  ['1d', '360000ms'],
])('a duration of %s passes in %s when time runs 240 times as fast', (duration, faster) => {
  expect(createFasterDurations(240)(duration)).toBe(faster);
});

test('a duration that is none is refused', () => {
  expect(() => createFasterDurations(2)('5 minutes')).toThrow('found "5 minutes"');
});
