import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The built program against real servers. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    env: { TZ: 'UTC' },
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/support/countsReporter.ts'],
  },
});
export default config;
