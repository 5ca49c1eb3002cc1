import { defineConfig } from 'vitest/config';

// Limits of failures, and no measures: on a busy machine everything takes several times as long.
const limits = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000 } } };
const everywhere = { env: { TZ: 'UTC' }, setupFiles: ['test/setup.ts'], ...limits };

export default defineConfig({
  test: {
    reporters: ['default'],
    // CI has two cores; by itself the runner would leave one of them alone.
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...everywhere,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/stories/**',
            'test/cluster/**',
            'test/nodes/**',
            'test/vm/**',
            'test/readme/**',
            '**/node_modules/**',
          ],
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...everywhere,
          name: 'stories',
          include: ['test/stories/**/*.test.ts'],
          // Each story has a house of its own, and mostly waits: a few of them are told side by side.
          maxConcurrency: 4,
          testTimeout: 600_000,
          sequence: { groupOrder: 0 },
        },
      },
    ],
  },
});
