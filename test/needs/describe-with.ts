/**
 * Tests of what a machine may lack: skipped there, and counted and told as skipped. In CI, which has
 * everything, they fail instead.
 */
import process from 'node:process';
import { describe, it } from 'vitest';

export interface Needs {
  /** What the machine lacks for these tests; undefined where it has everything. */
  readonly lack: string | undefined;
  /** A global setup has told it already, for all tests of its run. */
  readonly isTold?: boolean;
}

export function isCi(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false'].includes(env['CI'] ?? '');
}

export function describeWith(name: string, { lack, isTold = false }: Needs, tests: () => void): void {
  if (lack === undefined) {
    describe(name, tests);
  } else if (isCi(process.env)) {
    describe(name, () => {
      it('has what it needs', () => {
        throw new Error(`${lack}. In CI this is a failure and no reason to skip.`);
      });
    });
  } else {
    if (!isTold) process.stdout.write(`skipped: ${name}: ${lack}\n`);
    describe.skip(name, tests);
  }
}
