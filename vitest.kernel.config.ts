import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Real kernels in QEMU: minutes, not seconds, and one guest at a time. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/vm/**/*.test.ts'],
    env: { TZ: 'UTC' },
    globalSetup: 'test/vm/prepareGuests.ts',
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 2_400_000,
    reporters: ['default', './test/support/countsReporter.ts'],
  },
});
export default config;
