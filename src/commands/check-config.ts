import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chartValuesOf } from '../config/chart-values.ts';
import { clusterFilesOf } from '../config/cluster-files.ts';
import { checkConfig } from '../config/config-file.ts';
import { checkEnvironment } from '../config/load.ts';
import { readText } from '../config/outside.ts';
import { parseYaml } from '../config/parse-yaml.ts';
import { ConfigError, pathText, type Problem, problemLines, shown } from '../config/checks/problems.ts';
import type { ConfigFile } from '../config/schema/schema.ts';
import { warningsOf } from '../config/checks/warnings.ts';
import { readRegularFile } from '../read-file.ts';
import type { Command, CommandIo } from './io.ts';

const help = `tugboot check-config [--strict] [--env] [FILE]: says whether a configuration file is right, and everything that is wrong with it.

Reads FILE (YAML), or the file that TUGBOOT_CONFIG names: a tugboot.yaml, or the values of the chart, of which it takes config.
Writes what it means to stdout, or its problems to stderr; there, too, warnings of what is allowed and hardly meant.
Needs neither cluster, Slack nor Redis.

  --strict   warnings are problems
  --env      checks the environment of tugboot serve as well

Exit codes: 0 the file is right, 2 it is not, or cannot be read.
`;

interface CheckOptions {
  readonly path: string;
  readonly strict: boolean;
  readonly env: boolean;
}

export const run: Command = async (args, io) => {
  if (args.includes('--help')) {
    io.stdout.write(help);
    return 0;
  }
  const options = parseOptions(args, io);
  if (typeof options === 'string') {
    io.stderr.write(`tugboot check-config: ${options} See tugboot check-config --help.\n`);
    return 2;
  }
  return check(options, io);
};

function parseOptions(args: readonly string[], io: CommandIo): CheckOptions | string {
  const options = { strict: { type: 'boolean' }, env: { type: 'boolean' } } as const;
  const unknown = args.find((arg) => arg.startsWith('-') && arg !== '--strict' && arg !== '--env');
  if (unknown !== undefined) return `there is no option ${unknown}.`;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const path = positionals[0] ?? io.env['TUGBOOT_CONFIG'];
  if (path === undefined || path.startsWith('-') || positionals.length > 1) return 'name one file.';
  return { path, strict: values.strict ?? false, env: values.env ?? false };
}

/** The result of the check, with paths as in the given file. */
interface Checked {
  readonly file: ConfigFile | undefined;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

function check(options: CheckOptions, io: CommandIo): number {
  const { path, strict } = options;
  const { file, problems, warnings } = checked(options, io);
  const wrong = strict ? [...problems, ...warnings] : problems;
  if (wrong.length > 0) io.stderr.write(`tugboot: ${new ConfigError(path, wrong).message}\n`);
  if (!strict) printWarnings(path, warnings, io);
  if (!file || wrong.length > 0) return 2;
  io.stdout.write(`${summary(path, file).join('\n')}\n`);
  return 0;
}

function checked({ path, env }: CheckOptions, io: CommandIo): Checked {
  const unread: Problem[] = [];
  const wrong: Problem[] = [];
  const environmentProblems: Problem[] = [];
  const input = readInput(path, unread);
  const values = chartValuesOf(input);
  const place = values ? inValues : (problem: Problem): Problem => problem;
  const file = input === undefined ? undefined : checkConfig(values?.config ?? input, wrong);
  if (env) checkEnvironment({ env: io.env, readFile: readRegularFile }, file, environmentProblems);
  // Whether a file is mounted can be checked only with --env, where the bot would run.
  const isThere = (name: string): boolean | undefined => (env ? existsSync(name) : undefined);
  const isMounted = values?.isMounted ?? isThere;
  const warnings = file ? warningsOf(file, { now: Date.now(), isMounted }) : [];
  return {
    file,
    problems: [...unread, ...wrong.map(place), ...environmentProblems],
    warnings: warnings.map(place),
  };
}

function readInput(path: string, problems: Problem[]): unknown {
  const text = readText({ readFile: readRegularFile }, path, (why) =>
    problems.push({ path, message: `The file cannot be read (${why}).` }),
  );
  return text === undefined ? undefined : parseYaml(text, problems);
}

const inValues = ({ path, message }: Problem): Problem => ({
  path: path === pathText([]) ? 'config' : `config.${path}`,
  message,
});

function printWarnings(path: string, warnings: readonly Problem[], io: CommandIo): void {
  if (warnings.length === 0) return;
  const count = warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`;
  io.stderr.write(`tugboot: ${[`${count} about ${shown(path)}`, ...problemLines(warnings)].join('\n')}\n`);
}

const summary = (path: string, file: ConfigFile): readonly string[] => [
  `${shown(path)} is right.`,
  ...clusterFilesOf(file).flatMap(({ settings }) => clusterSummary(settings)),
];

const clusterSummary = (file: ConfigFile): readonly string[] => [
  `Cluster ${file.cluster}, ${file.channel === undefined ? 'channel from SLACK_CHANNEL' : `channel ${file.channel}`}.`,
  ...file.pools.map((pool) => {
    const who = pool.approvers ?? file.approvers;
    const nobody = who === undefined ? ' Nobody may approve: name approvers.' : '';
    const nodes = pool.selector === '' ? 'all nodes' : pool.selector;
    const windows = pool.windows.length === 1 ? '1 window' : `${pool.windows.length} windows`;
    return `Pool ${pool.name}: ${nodes}; approval ${pool.approval}; ${windows}; ${concurrencyText(pool, file)}.${nobody}`;
  }),
];

/** Three settings limit the concurrency, each 1 by default: raising one alone has no effect. */
function concurrencyText(pool: ConfigFile['pools'][number], file: ConfigFile): string {
  const room = Number(pool.maxUnavailable);
  const limits = [
    { what: 'the `concurrency` of the file', most: file.concurrency },
    { what: '`maxUnavailable`', most: Number.isNaN(room) ? Infinity : room },
  ].filter(({ most }) => most < pool.concurrency);
  const least = limits.toSorted((one, other) => one.most - other.most)[0];
  return least === undefined
    ? `${pool.concurrency} at once`
    : `${least.most} at once, since ${least.what} is ${least.most}, and not ${pool.concurrency}`;
}
