import { defineConfig } from 'vitest/config';
import { clientNodeInOneFile } from './test/client-node-bundle.ts';
import { LongestFirst } from './test/longest-first.ts';
import { compileCache } from './test/stories/warm-programs.ts';

// Limits of failures, and no measures: on a busy machine everything takes several times as long.
const limits = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000 } } };
// Files share the modules that they import: a quarter of all time went into loading them anew for each of 240
// files. No test mocks a module or leaves state behind in one.
const everywhere = {
  env: { TZ: 'UTC', NODE_COMPILE_CACHE: compileCache },
  setupFiles: ['test/setup.ts'],
  isolate: false,
  ...limits,
};

const plugins = [await clientNodeInOneFile()];

export default defineConfig({
  test: {
    reporters: ['default', './test/slowest-tests.ts'],
    // For two cores: stories mostly wait, and unit tests compute beside them.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins,
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
        },
      },
      {
        plugins,
        test: {
          ...everywhere,
          name: 'stories',
          include: ['test/stories/**/*.test.ts'],
          globalSetup: ['test/stories/warm-programs.ts'],
          // Each story has an environment of its own, and mostly waits: a few of them are told side by side.
          maxConcurrency: 4,
          testTimeout: 600_000,
        },
      },
    ],
  },
});
