import { parseArgs } from 'node:util';
import { ConfigError } from '../config/checks/problems.ts';
import { type Config, loadConfig } from '../config/load.ts';
import { allChecks, configWarnings } from '../doctor/all-checks.ts';
import { examine, linesOf, worstOf } from '../doctor/examine.ts';
import type { Examined } from '../reboot/ports/examination.ts';
import { secretsHider } from '../ops/secrets.ts';
import { useProxyOf } from '../ops/http-proxy.ts';
import { sleep } from '../ops/sleep.ts';
import { readRegularFile } from '../read-file.ts';
import { version } from '../version.ts';
import type { Command, CommandIo } from './io.ts';

const help = `tugboot doctor [--strict] [--json]: examines an installation: the configuration, the API server and the
bot's rights, nodes and agents, Redis, Slack.

Reads the environment and the configuration file of tugboot serve. Changes nothing; opens no connection to Slack
that would take interactions away from a bot.
Writes one line for each finding to stdout, with what to do about it.

  --strict   warnings count as errors
  --json     one JSON object for each check, one on a line

Exit codes: 0 no errors, 1 errors, 2 bad configuration or usage.
`;

export const run: Command = async (args, io) => {
  const options = {
    help: { type: 'boolean' },
    strict: { type: 'boolean' },
    json: { type: 'boolean' },
  } as const;
  const unknown = args.find((arg) => !['--help', '--strict', '--json'].includes(arg));
  if (unknown !== undefined) {
    io.stderr.write(`tugboot doctor: there is no option ${unknown}. See tugboot doctor --help.\n`);
    return 2;
  }
  const { values } = parseArgs({ args: [...args], options });
  if (values.help === true) {
    io.stdout.write(help);
    return 0;
  }
  const config = configFrom(io);
  return config === undefined ? 2 : examineAll(config, io, values);
};

const outside = ({ env }: CommandIo) => ({ env, readFile: readRegularFile });

function configFrom(io: CommandIo): Config | undefined {
  try {
    return loadConfig(outside(io));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    io.stderr.write(`tugboot: ${error.message}\n`);
    return undefined;
  }
}

async function examineAll(
  config: Config,
  io: CommandIo,
  { strict = false, json = false }: { readonly strict?: boolean; readonly json?: boolean },
): Promise<number> {
  useProxyOf(io.env);
  const hide = secretsHider(config.secrets);
  const clock = { now: () => Date.now() };
  const warnings = configWarnings(outside(io), clock);
  const { checks, close } = allChecks(config, { clock, sleep, version, warnings });
  const all: Examined[] = [];
  const tell = (lines: readonly string[]): void => void io.stdout.write(hide(`${lines.join('\n')}\n`));
  await examine(checks, (examined) => {
    all.push(examined);
    tell(json ? [JSON.stringify(examined)] : linesOf(examined));
  });
  await close();
  const count = (level: string): number =>
    all.flatMap(({ findings }) => findings).filter((finding) => finding.level === level).length;
  if (!json) tell(['', `${count('ok')} ok, ${count('warning')} warnings, ${count('error')} errors`]);
  const worst = worstOf(all);
  return worst === 'error' || (strict && worst === 'warning') ? 1 : 0;
}
