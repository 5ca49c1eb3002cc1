import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { clientNodeInOneFile } from '../client-node-bundle.ts';
import { compileCache } from '../stories/warm-programs.ts';

// Tests on a real Kubernetes. They need Go and etcd, or TUGBOOT_TEST_KUBECONFIG: docs of the harness in
// test/cluster/harness.
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  plugins: [await clientNodeInOneFile()],
  test: {
    include: ['test/cluster/**/*.test.ts'],
    env: { TZ: 'UTC', NODE_COMPILE_CACHE: compileCache },
    globalSetup: ['test/stories/warm-programs.ts', 'test/cluster/harness/global-setup.ts'],
    setupFiles: ['test/setup.ts'],
    reporters: ['default', './test/slowest-tests.ts'],
    // One control plane at a time: it takes most of two cores to start.
    fileParallelism: false,
    // The lanes of stories.test.ts.
    maxConcurrency: 3,
    testTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 180_000,
  },
});
