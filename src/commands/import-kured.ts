import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { translate } from '../kured/translate.ts';
import { flagsOf, type ReadFlags, readFlags } from '../kured/read-flags.ts';
import { readRegularFile } from '../read-file.ts';
import type { Command } from './io.ts';

const help = `tugboot import-kured FILE | - | --FLAG=VALUE ...: translates the settings of kured into values of Tugboot's chart.

FILE holds the values of kured's chart, or its DaemonSet (kubectl -n kube-system get daemonset kured -o yaml); - is stdin.
Or give the flags of kured themselves.
Writes the values to stdout; above them, as comments, what changes in meaning and what was left out. docs/kured.md says more.

Exit codes: 0 translated, 2 wrong usage, or nothing of kured in it.
`;

export const run: Command = async (args, io) => {
  if (args.includes('--help')) {
    io.stdout.write(help);
    return 0;
  }
  const read = readFrom(args);
  if (!read.ok) {
    io.stderr.write(`tugboot import-kured: ${read.problem} See tugboot import-kured --help.\n`);
    return 2;
  }
  const { values, notes } = translate(read.flags);
  const lines = [`Made from the ${read.from} of kured. What changes:`, ...notes.map((note) => `- ${note}`)];
  // Helm reads YAML 1.1, in which 22:00 without quotes may be a number.
  io.stdout.write(`${lines.map((line) => `# ${line}`).join('\n')}\n${stringify(values, { version: '1.1' })}`);
  return 0;
};

const stdin = 0;

function readFrom(args: readonly string[]): ReadFlags {
  const [first] = args;
  if (first === undefined) return { ok: false, problem: 'Name a file, or give flags.' };
  if (first.startsWith('--')) return { ok: true, flags: flagsOf(args), from: 'flags' };
  if (args.length > 1) return { ok: false, problem: 'Name one file.' };
  try {
    return readFlags(first === '-' ? readFileSync(stdin, 'utf8') : readRegularFile(first));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'no reason';
    return { ok: false, problem: `${first} cannot be read (${why}).` };
  }
}
