/** Runs test files in one vitest that stays: what a mutant does not change is transformed once. */
import { join } from 'node:path';
import process from 'node:process';
import { BaseSequencer, createVitest, type TestModule, type TestSpecification } from 'vitest/node';

export interface SuiteResult {
  readonly passed: boolean;
  /** The name of the first test that failed, or the first error where none did. */
  readonly failure?: string;
  readonly ms: number;
}

export interface SuiteRunner {
  /** `changed`: files that differ since the last run. */
  run(suite: readonly string[], changed: readonly string[]): Promise<SuiteResult>;
  close(): Promise<void>;
}

const firstLine = (error: unknown): string => {
  const message = error instanceof Error || isError(error) ? error.message : String(error);
  return message.split('\n')[0] ?? '';
};

const isError = (error: unknown): error is { readonly message: string } =>
  typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';

function failureIn(modules: readonly TestModule[]): string | undefined {
  for (const module of modules)
    for (const test of module.children.allTests())
      if (test.result().state === 'failed') return `${module.relativeModuleId} > ${test.fullName}`;
  for (const module of modules) {
    const [error] = module.errors();
    if (error !== undefined) return `${module.relativeModuleId}: ${firstLine(error)}`;
    for (const suite of module.children.allSuites()) {
      const [failed] = suite.errors();
      if (failed !== undefined) return `${module.relativeModuleId} > ${suite.fullName}: ${firstLine(failed)}`;
    }
  }
  return undefined;
}

/** The order of the suite: first the file that is the most likely to notice the mutant. */
class GivenOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}

/**
 * A mutant may make a test hang: a limit far above the duration of a suite ends it, and it counts as
 * killed.
 */
const testTimeout = 20_000;

export async function makeSuiteRunner(root: string): Promise<SuiteRunner> {
  // Tests read their own files by the working directory.
  process.chdir(root);
  const vitest = await createVitest('test', {
    root,
    watch: false,
    project: ['unit'],
    reporters: [{}],
    bail: 1,
    maxWorkers: 1,
    sequence: { sequencer: GivenOrder },
    testTimeout,
    hookTimeout: testTimeout,
    expect: { poll: { timeout: testTimeout } },
    update: false,
  });
  await vitest.standalone();
  return {
    async run(suite, changed) {
      for (const file of changed) vitest.invalidateFile(join(root, file));
      const paths = suite.map((file) => join(root, file));
      const found = await vitest.globTestSpecifications(paths);
      const specifications = found
        .filter(({ moduleId }) => paths.includes(moduleId))
        .toSorted((one, other) => paths.indexOf(one.moduleId) - paths.indexOf(other.moduleId));
      const began = performance.now();
      const { testModules: known, unhandledErrors } = await vitest.runTestSpecifications(specifications);
      const ms = Math.round(performance.now() - began);
      // The result names the modules of earlier runs as well.
      const testModules = known.filter(({ relativeModuleId }) => suite.includes(relativeModuleId));
      const [error] = unhandledErrors;
      const failure = failureIn(testModules) ?? (error === undefined ? undefined : firstLine(error));
      if (failure === undefined && testModules.length < suite.length)
        throw new Error(`No tests in ${suite.join(', ')}.`);
      const passed = failure === undefined && testModules.every((module) => module.ok());
      return { passed, ms, ...(failure === undefined ? {} : { failure }) };
    },
    close: () => vitest.close(),
  };
}
