import { type CommandPreset, commandPresetNames, hostSignalNames } from '../../reboot/nodes/host-signals.ts';
import { reportLimits } from '../../reboot/nodes/report-limits.ts';
import { type CommandSignal, execFailureCodes } from './command-signal.ts';
import { type Environment, type ReportProblem, readSwitch } from '../orders/method-setting.ts';
import { record } from '../api/node-agent.ts';
import type { ProgramCommand } from '../orders/run-program.ts';

const variable = 'TUGBOOT_SIGNAL_COMMANDS';
const second = 1000;

type Contract = Pick<CommandSignal, 'command' | 'yes' | 'no' | 'proof'>;

/**
 * dnf and its derivatives exit with 1 for yes and 0 for no (dnf-needs-restarting(8),
 * dnf5-needs-restarting(8)), but also with 1 for a missing plugin and for a crash. Only the sentence
 * distinguishes a yes. -C keeps dnf off the network.
 */
const dnfContract = { yes: [1], no: [0], proof: /\bReboot is (required|recommended)\b/ };
const presets: Readonly<Record<CommandPreset, Contract>> = {
  'needs-restarting': { command: ['needs-restarting', '-r'], ...dnfContract },
  dnf: { command: ['dnf', '-C', 'needs-restarting', '-r'], ...dnfContract },
  dnf5: { command: ['dnf5', '-C', 'needs-restarting'], ...dnfContract },
  // zypper(8): ZYPPER_EXIT_INF_REBOOT_NEEDED, an exit code that means nothing else.
  zypper: { command: ['zypper', '--non-interactive', 'needs-rebooting'], yes: [102], no: [0] },
};

/** A JSON list of names of presets and of the operator's own commands. */
export function readCommands(env: Environment, problem: ReportProblem): readonly CommandSignal[] {
  const given = env[variable]?.trim();
  if (!given) return [];
  const list = parseList(given);
  if (list === undefined) {
    problem(variable, 'is no JSON list, such as ["dnf"] or [{"name": "mine", "command": ["/opt/check"]}].');
    return [];
  }
  const commands = list.flatMap((item) => readCommand(item, problem) ?? []);
  const names = new Set<string>(hostSignalNames);
  for (const { name } of commands) {
    if (names.has(name)) problem(variable, `names the signal "${name}" twice, or one that every agent has.`);
    names.add(name);
  }
  if (hostSignalNames.length + commands.length > reportLimits.signals)
    problem(variable, `names more than ${reportLimits.signals - hostSignalNames.length} commands.`);
  return commands;
}

function parseList(given: string): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(given);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

const known = ['name', 'preset', 'command', 'yes', 'no', 'timeoutSeconds', 'everySeconds'];

function readCommand(item: unknown, problem: ReportProblem): CommandSignal | undefined {
  const given = typeof item === 'string' ? { preset: item } : record(item);
  const unknownKey = Object.keys(given).find((key) => !known.includes(key));
  if (unknownKey !== undefined)
    problem(variable, `has no setting "${unknownKey}". Settings are ${known.join(' ')}.`);
  const contract = given['preset'] === undefined ? readContract(given, problem) : presetNamed(given, problem);
  if (contract === undefined) return undefined;
  const name = given['name'] ?? given['preset'];
  if (typeof name !== 'string' || !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    problem(variable, 'needs a "name" for each command: lower-case letters, digits and dashes, at most 63.');
    return undefined;
  }
  return {
    name,
    ...contract,
    timeout: seconds(given, { key: 'timeoutSeconds', fallback: 30, most: 600 }, problem),
    every: seconds(given, { key: 'everySeconds', fallback: 900, most: 86_400 }, problem),
  };
}

function presetNamed(given: Readonly<Record<string, unknown>>, problem: ReportProblem): Contract | undefined {
  const name = commandPresetNames.find((preset) => preset === given['preset']);
  if (name !== undefined && given['command'] === undefined) return presets[name];
  problem(
    variable,
    `knows the presets ${commandPresetNames.join(' ')}; a command of your own has "name" and "command".`,
  );
  return undefined;
}

function readContract(
  given: Readonly<Record<string, unknown>>,
  problem: ReportProblem,
): Contract | undefined {
  const command = readProgram(given['command']);
  const [yes, no] = [readCodes(given['yes'] ?? [0]), readCodes(given['no'] ?? [1])];
  if (command === undefined)
    problem(variable, 'needs a "command" that is a list of texts, such as ["/opt/check", "--quiet"].');
  if (yes === undefined || no === undefined || yes.some((code) => no.includes(code)))
    problem(variable, '"yes" and "no" are lists of exit codes from 0 to 125, each in one of them.');
  return command && yes && no ? { command, yes, no } : undefined;
}

function readProgram(given: unknown): ProgramCommand | undefined {
  if (!Array.isArray(given) || !given.every((item) => typeof item === 'string')) return undefined;
  const [program, ...args] = given;
  return program === undefined || program === '' ? undefined : [program, ...args];
}

function readCodes(given: unknown): readonly number[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const codes = given.filter((code) => typeof code === 'number' && Number.isInteger(code));
  const sound = codes.every((code) => code >= 0 && code <= 255 && !execFailureCodes.includes(code));
  return sound && codes.length === given.length ? codes : undefined;
}

function seconds(
  given: Readonly<Record<string, unknown>>,
  { key, fallback, most }: { key: string; fallback: number; most: number },
  problem: ReportProblem,
): number {
  const value = given[key] ?? fallback;
  if (typeof value === 'number' && value >= 1 && value <= most) return value * second;
  problem(variable, `"${key}" is not between 1 and ${most} seconds.`);
  return fallback * second;
}

/**
 * Whether commands run in the host's mount namespace. This needs rights that the chart grants only on
 * request.
 */
export const readInHost = (env: Environment, problem: ReportProblem): boolean =>
  readSwitch(env, 'TUGBOOT_COMMANDS_IN_HOST', problem);
