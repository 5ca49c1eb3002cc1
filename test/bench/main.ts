// Benches: `npm run bench -- NAME [--runs N] [--quick] [--json]`; `scale` and `storm` have options of their
// own. Each prints a table, and with --json one last line of JSON.
import { cpus, totalmem } from 'node:os';
import { detect } from './detect.ts';
import { drain, quickDrain } from './drain.ts';
import { gates } from './gates.ts';
import { ledgerBench } from './ledger/ledger.ts';
import { planBench } from './plan.ts';
import { type Bench, report } from './report.ts';
import { quickRollout, rollout } from './rollout.ts';
import { apiKindOf, scaleSizes } from './scale/options.ts';
import { scale } from './scale/scale.ts';
import { stormOf } from './storm/options.ts';

const args = process.argv.slice(2);
const benches: Readonly<Record<string, Bench>> = {
  detect,
  drain,
  gates,
  ledger: ledgerBench,
  plan: planBench,
  rollout,
  scale: scale(scaleSizes(args), apiKindOf(args)),
  storm: stormOf(args),
};
/** Fewer rows, where a bench has them. */
const quick: Readonly<Record<string, Bench>> = { drain: quickDrain, rollout: quickRollout };
/** One run of the drain's takes a quarter of an hour, one of the gates' half a minute. */
const usualRuns: Readonly<Record<string, number>> = {
  drain: 1,
  gates: 20,
  ledger: 1,
  plan: 1,
  scale: 1,
  storm: 1,
};

const name = args.find((arg) => !/^(--|\d+$)/.test(arg)) ?? '';
const runs = args.includes('--runs') ? Number(args[args.indexOf('--runs') + 1]) : (usualRuns[name] ?? 3);
const bench = (args.includes('--quick') ? quick[name] : undefined) ?? benches[name];
if (!bench || !Number.isInteger(runs) || runs < 1) {
  console.error(
    `npm run bench -- NAME [--runs N] [--quick] [--json]; NAME is one of ${Object.keys(benches).join(', ')}.`,
  );
  process.exitCode = 2;
} else {
  const rows = await bench(runs, (line) => console.error(line));
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  console.log(report({ bench: name, machine, runs, rows, json: args.includes('--json') }));
  if (rows.some((row) => !row.ok)) process.exitCode = 1;
}
