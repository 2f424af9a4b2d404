import { beforeAll, describe, expect, test } from 'vitest';
import { findCapability, isSince } from '../../src/damon/capabilities.ts';
import { CONTRACT_CASES } from '../contract/contractCases.ts';
import type { CaseReport } from './guest/contract.ts';
import { KERNELS, runGuest } from './harness.ts';

describe.each(KERNELS)('DAMON of Linux %s', (kernel) => {
  let reports = new Map<string, CaseReport>();

  beforeAll(async () => {
    const results = await runGuest({ kernel, job: 'contract', timeoutSeconds: 400 });
    reports = new Map((results.reports as CaseReport[]).map((report) => [report.name, report]));
  });

  const cases = CONTRACT_CASES.filter(
    ({ needs }) => needs?.every((id) => isSince(kernel, findCapability(id).since)) ?? true,
  );
  test.each(cases.map(({ name }) => name))('%s', (name) => {
    const report = reports.get(name);
    expect(report, 'no report: the guest ended before').toBeDefined();
    expect(report?.error).toBeUndefined();
  });
});
