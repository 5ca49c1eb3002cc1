// One process of npm run chaos: runs the schedules of its seeds and reports each in a line of JSON.
import process from 'node:process';
import { drawSchedule } from './story/draw.ts';
import { runSchedule } from './story/run-schedule.ts';
import { shrink } from './story/shrink.ts';
import type { Report } from './report.ts';

const [first = 1, count = 1, step = 1] = process.argv.slice(2, 5).map(Number);
/** It ends with the first schedule that fails, and does not make it smaller. */
const untilFirst = process.argv[5] === 'first';

async function report(seed: number): Promise<Report> {
  const began = process.cpuUsage();
  const schedule = drawSchedule(seed);
  const { violation, points, crashed, phases, events, span } = await runSchedule(schedule);
  const { user, system } = process.cpuUsage(began);
  const ms = (user + system) / 1000;
  const seen = {
    seed,
    ms,
    events,
    span,
    points: [...points.keys()],
    crashed: [...crashed],
    phases: [...phases],
  };
  if (violation === undefined) return seen;
  if (untilFirst) return { ...seen, violation };
  return { ...seen, violation, smallest: await shrink(schedule, violation.invariant) };
}

for (let nth = 0; nth < count; nth += 1) {
  const one = await report(first + nth * step);
  const line = JSON.stringify(one);
  await new Promise<void>((resolve) => void process.stdout.write(`${line}\n`, () => resolve()));
  if (untilFirst && one.violation !== undefined) break;
}
process.exit(0);
