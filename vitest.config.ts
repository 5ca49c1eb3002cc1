import { defineConfig } from 'vitest/config';

const everywhere = { env: { TZ: 'UTC' }, setupFiles: ['test/setup.ts'] };

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
            '**/node_modules/**',
          ],
          testTimeout: 30_000,
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
          testTimeout: 300_000,
          sequence: { groupOrder: 0 },
        },
      },
    ],
  },
});
