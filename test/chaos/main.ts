// npm run chaos: seeded schedules of faults, down to the adapters, judged by an oracle. See docs/chaos.md.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { drawSchedule } from './story/draw.ts';
import { runSchedule } from './story/run-schedule.ts';
import type { Schedule } from './story/schedule.ts';
import { type Report, sumOf, wordsOf } from './report.ts';

const usage =
  'npm run chaos -- [--schedules N] [--seed S] [--json] [--replay FILE | --trace S]\n' +
  '  --schedules N  how many; 100 by default\n' +
  '  --seed S       the seed of the first; the others follow. Default: drawn, and printed\n' +
  '  --json         one line of JSON\n' +
  '  --replay FILE  tells a kept schedule as a trace\n' +
  '  --trace S      tells the schedule of a seed as a trace\n';

const args = process.argv.slice(2);
const after = (option: string): string | undefined =>
  args.includes(option) ? args[args.indexOf(option) + 1] : undefined;

/** Where failing schedules are kept. */
const directory = '.cache/chaos';

async function tell(schedule: Schedule): Promise<0 | 1> {
  const { trace, violation } = await runSchedule(schedule, true);
  console.log(trace.join('\n'));
  if (violation === undefined) {
    console.log('It holds.');
    return 0;
  }
  console.log(`${violation.invariant}: ${violation.what}`);
  return 1;
}

/** The processes share the seeds evenly. */
async function runAll(first: number, count: number): Promise<readonly Report[]> {
  const workers = Math.min(Number(after('--workers') ?? availableParallelism()), count);
  const reports: Report[] = [];
  const take = (report: Report): void => {
    reports.push(report);
    if (report.smallest !== undefined) keep(report);
  };
  await Promise.all(
    Array.from({ length: workers }, (_, nth) => {
      const mine = Math.ceil((count - nth) / workers);
      return work([first + nth, mine, workers], take);
    }),
  );
  return reports;
}

function work(numbers: readonly number[], take: (report: Report) => void): Promise<void> {
  const child = spawn(process.execPath, ['test/chaos/worker.ts', ...numbers.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface(child.stdout).on('line', (line) => take(JSON.parse(line) as Report));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`a worker of the chaos ended with ${code}`)),
    );
  });
}

function keep({ seed, violation, smallest }: Report): void {
  mkdirSync(directory, { recursive: true });
  const file = `${directory}/seed-${seed}.json`;
  const what = `${violation?.invariant}: ${violation?.what}`;
  writeFileSync(file, `${JSON.stringify({ what, schedule: smallest }, undefined, 2)}\n`);
  console.error(`seed ${seed}: ${what}\n  npm run chaos -- --replay ${file}`);
}

async function main(): Promise<0 | 1 | 2> {
  const file = after('--replay');
  if (args.includes('--help')) {
    console.error(usage);
    return 2;
  }
  if (file !== undefined)
    return tell((JSON.parse(readFileSync(file, 'utf8')) as { schedule: Schedule }).schedule);
  const traced = after('--trace');
  if (traced !== undefined) return tell(drawSchedule(Number(traced)));
  const first = Number(after('--seed') ?? Date.now() % 1_000_000_000);
  const count = Number(after('--schedules') ?? 100);
  const began = performance.now();
  const sum = sumOf(await runAll(first, count));
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    args.includes('--json')
      ? JSON.stringify({ first, seconds, ...sum })
      : `first seed ${first}, ${seconds} s\n${wordsOf(sum)}`,
  );
  return sum.failed === 0 ? 0 : 1;
}

const code = await main();
// A pipe may still hold what was written.
process.stdout.write('', () => process.exit(code));
