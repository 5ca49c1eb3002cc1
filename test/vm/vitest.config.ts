import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests in machines that really reboot. What they need: test/vm/harness/ground.ts.
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/vm/**/*.test.ts'],
    env: { TZ: 'UTC' },
    globalSetup: ['test/vm/harness/global-setup.ts'],
    setupFiles: ['test/setup.ts'],
    reporters: ['default'],
    fileParallelism: false,
    // An emulated processor needs a minute for a boot, and several where others work on the same machine.
    testTimeout: 900_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 900_000,
  },
});
