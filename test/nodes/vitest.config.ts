import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests on machines with real kubelets and real pods. They need root, Go, etcd and containerd:
// test/nodes/harness/node-ground.ts says which.
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/nodes/**/*.test.ts'],
    env: { TZ: 'UTC' },
    globalSetup: ['test/nodes/harness/global-setup.ts'],
    setupFiles: ['test/setup.ts'],
    reporters: ['default'],
    // One cluster at a time: its machines share the computer's processors.
    fileParallelism: false,
    testTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 180_000,
  },
});
