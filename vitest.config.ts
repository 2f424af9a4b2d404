import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need guests, servers or a built package: each has its own configuration.
    exclude: ['test/vm/**', 'test/e2e/**'],
    env: { TZ: 'UTC' },
    reporters: ['default', './test/support/countsReporter.ts'],
  },
});
export default config;
