import { readConfigFile } from '../config/config-file.ts';
import { readRegularFile } from '../read-file.ts';
import { ConfigError, type Problem } from '../config/problems.ts';
import type { ConfigFile } from '../config/schema.ts';
import type { Command } from './io.ts';

const help = `tugboot check-config [FILE]: says whether a configuration file is right, and everything that is wrong with it.

Reads FILE (YAML), or the file that TUGBOOT_CONFIG names. Writes what it means to stdout, or its problems to stderr. Needs neither cluster, Slack nor Redis.

Exit codes: 0 the file is right, 2 it is not, or cannot be read.
`;

export const run: Command = async (args, io) => {
  if (args.includes('--help')) {
    io.stdout.write(help);
    return 0;
  }
  const option = args.find((arg) => arg.startsWith('-'));
  if (option !== undefined) {
    io.stderr.write(`tugboot check-config: there is no option ${option}. See tugboot check-config --help.\n`);
    return 2;
  }
  const path = args[0] ?? io.env['TUGBOOT_CONFIG'];
  if (path === undefined || path.startsWith('-') || args.length > 1) {
    io.stderr.write('tugboot check-config: name one file. See tugboot check-config --help.\n');
    return 2;
  }
  const problems: Problem[] = [];
  const file = readConfigFile({ readFile: readRegularFile }, path, problems);
  if (!file || problems.length > 0) {
    io.stderr.write(`tugboot: ${new ConfigError(path, problems).message}\n`);
    return 2;
  }
  io.stdout.write(`${summary(path, file).join('\n')}\n`);
  return 0;
};

function summary(path: string, file: ConfigFile): readonly string[] {
  return [
    `${path} is right.`,
    `Cluster ${file.cluster}, ${file.channel === undefined ? 'channel from SLACK_CHANNEL' : `channel ${file.channel}`}.`,
    ...file.pools.map((pool) => {
      const who = pool.approvers ?? file.approvers;
      const nobody = who === undefined ? ' Nobody may approve: name approvers.' : '';
      const nodes = pool.selector === '' ? 'all nodes' : pool.selector;
      const windows = pool.windows.length === 1 ? '1 window' : `${pool.windows.length} windows`;
      return `Pool ${pool.name}: ${nodes}; approval ${pool.approval}; ${windows}; ${atOnce(pool, file)}.${nobody}`;
    }),
  ];
}

/** Three settings limit it, and each is 1 unless it is said otherwise: who raises one alone raises nothing. */
function atOnce(pool: ConfigFile['pools'][number], file: ConfigFile): string {
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
