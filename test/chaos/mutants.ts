// npm run chaos:mutants: proof that the oracle can fail. Each mutant breaks a line that keeps a promise, in a
// copy of the project, and the same schedules are run until an invariant breaks.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { allMutants } from '../mutants/all-mutants.ts';
import type { Mutant } from '../mutants/mutant.ts';
import { makeScratch } from '../mutants/scratch.ts';
import type { Report } from './report.ts';

const usage =
  'npm run chaos:mutants -- [--promise N | --only NAME] [--every K] [--schedules N] [--json]\n' +
  '  --every K      every Kth of them\n' +
  '  --list FILE    those whose names stand in it, one a line\n' +
  '  --schedules N  as many for each; 60 by default\n';

interface Tried {
  readonly promise: number;
  readonly name: string;
  /** Undefined: the mutant survived. */
  readonly killedBy?: string;
  /** The schedule that noticed it, counted from 1. */
  readonly nth?: number;
}

const args = process.argv.slice(2);
const after = (option: string): string | undefined =>
  args.includes(option) ? args[args.indexOf(option) + 1] : undefined;

function chosen(): readonly Mutant[] {
  const [only, promise, every = '1'] = [after('--only'), after('--promise'), after('--every')];
  const file = after('--list');
  const named = file === undefined ? undefined : new Set(readFileSync(file, 'utf8').split('\n'));
  return allMutants
    .filter(({ name }) => named === undefined || named.has(name))
    .filter(({ name }) => only === undefined || name.includes(only))
    .filter((mutant) => promise === undefined || mutant.promise === Number(promise))
    .filter((_, nth) => nth % Number(every) === 0);
}

/** Long enough for a hundred schedules on a busy machine; a mutant that loops for ever is killed by it. */
const longest = 300_000;

function tryOne({ name, promise }: Mutant, root: string): Tried {
  const count = after('--schedules') ?? '60';
  const ran = spawnSync(process.execPath, ['test/chaos/worker.ts', '20000', count, '1', 'first'], {
    cwd: root,
    encoding: 'utf8',
    timeout: longest,
    maxBuffer: 2 ** 28,
  });
  const reports = ran.stdout
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Report);
  const broken = reports.at(-1)?.violation;
  if (broken !== undefined) return { promise, name, killedBy: broken.invariant, nth: reports.length };
  if (ran.status !== 0) return { promise, name, killedBy: 'a crash', nth: reports.length + 1 };
  return { promise, name };
}

const scratch = makeScratch(process.cwd());
const tried: Tried[] = [];
try {
  const mutants = args.includes('--help') ? [] : chosen();
  if (mutants.length === 0) console.error(usage);
  for (const mutant of mutants) {
    const restore = scratch.apply(mutant);
    const one = tryOne(mutant, scratch.root);
    restore();
    tried.push(one);
    console.error(`| ${one.promise} | ${one.name} | ${one.killedBy ?? 'survived'} | ${one.nth ?? ''} |`);
  }
} finally {
  scratch.remove();
}
const killed = tried.filter(({ killedBy }) => killedBy !== undefined).length;
console.log(
  args.includes('--json')
    ? JSON.stringify({ killed, of: tried.length, tried })
    : `${killed} of ${tried.length} mutants are noticed by the chaos alone`,
);
