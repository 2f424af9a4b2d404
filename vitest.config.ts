import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need guests, servers or a built package: each has its own configuration.
    exclude: ['test/vm/**', 'test/e2e/**'],
    // Against tests that hang, not slow ones: the machine may be busy with something else.
    testTimeout: 20_000,
    env: { TZ: 'UTC' },
    reporters: ['default', './test/support/countsReporter.ts'],
  },
});
export default config;
