/**
 * `npm run fuzz -- [--door NAME] [--n N] [--seed S] [--json]`: gives every door N inputs that are made from
 * valid ones. Each door has a process of its own, which is killed when an input does not come back.
 */
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { textTable } from '../bench/text-table.ts';
import { startCoverage } from './coverage.ts';
import { doors } from './doors.ts';
import { type Fuzzed, fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    door: { type: 'string' },
    n: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    last: { type: 'string' },
  },
});
const [inputs, seed] = [Number(values.n), Number(values.seed)];

/** Without any news for this long the input hangs, whatever else the machine does. */
const patience = 120_000;
const heapLimit = 1024;

interface Hung {
  readonly door: string;
  readonly hung: string;
}

/** In the process of one door: `last` is the file that names the input. */
async function child(name: string, last: string): Promise<void> {
  const door = doors.find((each) => each.name === name);
  if (!door) throw new Error(`no door is called ${name}`);
  const sources = new URL('../../src/', import.meta.url).href;
  const coverage = await startCoverage((url) => url.startsWith(sources));
  let news = 0;
  const onInput = (input: string): void => {
    writeFileSync(last, input);
    if ((news += 1) % 100 === 0) process.send?.('alive');
  };
  const result = await fuzz(door, { inputs, seed, coverage, onInput });
  await coverage.stop();
  process.send?.(result);
  process.disconnect();
}

function inProcess(door: string, directory: string): Promise<Fuzzed | Hung> {
  const last = join(directory, `${door}.input`);
  const args = ['--door', door, '--n', String(inputs), '--seed', String(seed), '--last', last];
  const program = fork(import.meta.filename, args, { execArgv: [`--max-old-space-size=${heapLimit}`] });
  const { promise, resolve: done } = Promise.withResolvers<Fuzzed | Hung>();
  const lastInput = (): string => (existsSync(last) ? readFileSync(last, 'utf8') : '');
  let timer = setTimeout(hang, patience);
  function hang(): void {
    program.kill('SIGKILL');
    done({ door, hung: lastInput() });
  }
  program.on('message', (message: 'alive' | Fuzzed) => {
    clearTimeout(timer);
    if (message === 'alive') timer = setTimeout(hang, patience);
    else done(message);
  });
  // After its result this finds the promise resolved.
  program.once('exit', () => {
    clearTimeout(timer);
    done({ door, hung: lastInput() });
  });
  return promise;
}

function rowOf(result: Fuzzed | Hung): readonly string[] {
  if ('hung' in result)
    return [result.door, `an input hangs, or ends the process: ${JSON.stringify(result.hung)}`];
  const { door, inputs: made, taken, refused, corpus, slowestMs, heapGrowth, findings } = result;
  return [door, ...[made, taken, refused, corpus, slowestMs, heapGrowth, findings.length].map(String)];
}

function tell(result: Fuzzed | Hung): void {
  if ('hung' in result) return;
  for (const { why, input } of result.findings)
    console.error(`${result.door}: ${why}\n  ${JSON.stringify(input.slice(0, 2000))}`);
}

async function parent(): Promise<void> {
  const wanted = doors.filter(({ name }) => values.door === undefined || name === values.door);
  if (wanted.length === 0 || !Number.isInteger(inputs) || !Number.isInteger(seed)) {
    console.error(
      `--door is one of ${doors.map(({ name }) => name).join(', ')}; --n and --seed are numbers.`,
    );
    process.exitCode = 2;
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'tugboot-fuzz-'));
  const results: (Fuzzed | Hung)[] = [];
  try {
    for (const { name } of wanted) {
      const result = await inProcess(name, directory);
      results.push(result);
      tell(result);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const header = ['door', 'inputs', 'taken', 'refused', 'corpus', 'slowest, ms', 'heap, MB', 'findings'];
  console.log(textTable([header, ...results.map(rowOf)]));
  if (values.json) console.log(JSON.stringify({ inputs, seed, results }));
  if (results.some((result) => 'hung' in result || result.findings.length > 0)) process.exitCode = 1;
}

if (values.last === undefined) await parent();
else await child(values.door ?? '', resolve(values.last));
