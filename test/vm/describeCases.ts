import { beforeAll, describe, expect, test } from 'vitest';
import { findCapability, isSince } from '../../src/damon/capabilities.ts';
import type { ContractCase } from '../contract/contractKernel.ts';
import type { FileReport } from './guest/report.ts';
import type { CaseReport } from './guest/runCases.ts';
import {
  KERNELS,
  runGuest,
  type GuestJob,
  type GuestKernel,
  type GuestResults,
} from './harness.ts';

/** What a job came to on each kernel; the guest boots at the first call for any of them. */
export type Guests = (kernel: GuestKernel) => Promise<GuestResults>;

/** Boots both kernels at the first call: each guest keeps one processor busy. */
export function createGuests(job: Omit<GuestJob, 'kernel'>): Guests {
  let running: Map<GuestKernel, Promise<GuestResults>> | undefined;
  return (kernel) => {
    running ??= new Map(
      KERNELS.map((name) => {
        const result = runGuest({ ...job, kernel: name });
        // Whoever asks for it gets the error; nobody asking yet is no reason to end.
        result.catch(() => undefined);
        return [name, result];
      }),
    );
    return running.get(kernel) ?? Promise.reject(new RangeError(`no guest ${kernel}`));
  };
}

/** One test per case and kernel; the guest of each kernel boots once for all of them. */
export function describeCases(title: string, cases: readonly ContractCase[], guests: Guests): void {
  describe.each(KERNELS)(`${title} %s`, (kernel) => {
    let reports = new Map<string, CaseReport>();

    beforeAll(async () => {
      const results = await guests(kernel);
      const caseReports = (results.reports as (CaseReport | FileReport)[]).filter(
        (report): report is CaseReport => 'name' in report,
      );
      reports = new Map(caseReports.map((report) => [report.name, report]));
    });

    const wanted = cases.filter(
      ({ needs }) => needs?.every((id) => isSince(kernel, findCapability(id).since)) ?? true,
    );
    test.each(wanted.map(({ name }) => name))('%s', (name) => {
      const report = reports.get(name);
      expect(report, 'no report: the guest ended before').toBeDefined();
      expect(report?.error).toBeUndefined();
    });
  });
}
