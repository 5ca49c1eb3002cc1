// `npm test`. Stories mostly wait and unit tests compute, so each project has a runner of its own and both
// run at once: one runner starts a project only when it has started all files of the one before.
//
// npm test -- [argument of vitest …] is one runner with these arguments.
import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { resolve } from 'node:path';

const runner = resolve('node_modules/vitest/vitest.mjs');
const args = process.argv.slice(2);

/** Resolves with true where all passed. */
async function run(
  options: readonly string[],
  stdio: StdioOptions,
  show?: (text: string) => void,
): Promise<boolean> {
  const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const child = spawn(process.execPath, [runner, 'run', ...options], {
    stdio,
    env: { ...process.env, ...colours },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => (output += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  show?.(output);
  return code === 0;
}

const ofProject = (name: string, workers: number): readonly string[] => [
  '--project',
  name,
  '--maxWorkers',
  String(workers),
];

const results = args.length > 0 ? [await run(args, 'inherit')] : await both();
process.exitCode = results.every(Boolean) ? 0 : 1;

/** The output of the stories is printed when both have ended. */
async function both(): Promise<readonly boolean[]> {
  let told = '';
  const passed = await Promise.all([
    run(ofProject('unit', 2), 'inherit'),
    run(ofProject('stories', 3), ['ignore', 'pipe', 'pipe'], (output) => {
      told = output;
    }),
  ]);
  process.stdout.write(told);
  return passed;
}
