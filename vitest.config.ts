import { defineConfig } from 'vitest/config';

const slow = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    env: { TZ: 'UTC' },
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/stories/**', 'test/cluster/**', '**/node_modules/**'],
          env: { TZ: 'UTC' },
          setupFiles: ['test/setup.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'stories',
          include: ['test/stories/**/*.test.ts'],
          env: { TZ: 'UTC' },
          setupFiles: ['test/setup.ts'],
          fileParallelism: true,
          maxWorkers: 2,
          ...slow,
        },
      },
    ],
  },
});
