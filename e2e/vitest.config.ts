// Tests of whole clusters: real processes, the real kubectl, real containers. One file at a time, as they share the machine's network.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['e2e/test/**/*.test.ts'],
    // Takes minutes, and wants the machine for itself: by hand (npm run hardness).
    exclude: process.env['STEERSMAN_HARDNESS'] ? [] : ['e2e/test/hardness-big.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    pool: 'forks',
  },
});
