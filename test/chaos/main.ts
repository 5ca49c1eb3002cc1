// npm run chaos: seeded schedules of faults, down to the adapters.
import process from 'node:process';
import { drawSchedule } from './story/draw.ts';
import { runSchedule } from './story/run-schedule.ts';

const count = Number(process.argv[2] ?? 1);
const first = Number(process.argv[3] ?? 1);
const began = performance.now();
let bad = 0;
for (let seed = first; seed < first + count; seed += 1) {
  const outcome = await runSchedule(drawSchedule(seed), process.argv[4] === 'trace');
  if (process.argv[4] === 'trace') console.log(outcome.trace.join('\n'));
  if (outcome.violation !== undefined) {
    bad += 1;
    console.log(seed, outcome.violation.invariant, outcome.violation.what);
  }
  if (count < 5) console.log(outcome.events, outcome.span, [...outcome.phases].join(' '));
}
console.log(`${count} schedules, ${bad} bad, ${((performance.now() - began) / count).toFixed(1)} ms each`);
process.exit(0);
