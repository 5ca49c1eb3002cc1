/** Prints the ten slowest tests of a run, so that a new one that waits or computes for long is seen. */
import process from 'node:process';
import type { Reporter, TestModule } from 'vitest/node';

const shown = 10;

export default class SlowestTests implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => ({
        seconds: (test.diagnostic()?.duration ?? 0) / 1000,
        name: `${module.relativeModuleId} > ${test.fullName}`,
      })),
    );
    if (tests.length <= shown) return;
    const slowest = tests.sort((a, b) => b.seconds - a.seconds).slice(0, shown);
    const lines = slowest.map(({ seconds, name }) => `${seconds.toFixed(1).padStart(7)} s  ${name}`);
    process.stdout.write(`\nThe ${shown} slowest of ${tests.length} tests:\n${lines.join('\n')}\n`);
  }
}
