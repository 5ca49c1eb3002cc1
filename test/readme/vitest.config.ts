import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// README's commands in a fresh copy of the project, on a machine that has only what README asks for.
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/readme/**/*.test.ts'],
    reporters: ['default'],
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
  },
});
