import type { Reporter, TestModule } from 'vitest/node';

/**
 * Closes a run with `N passed, N failed, N skipped` alone on a line, the form `.ci/run` adds up.
 * A module that failed before its tests could be collected counts as one failure.
 */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'pending') continue;
        count[state] += 1;
        if (state === 'failed') failedTests += 1;
      }
      if (module.state() === 'failed' && failedTests === 0) count.failed += 1;
    }
    process.stdout.write(
      `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`,
    );
  }
}
