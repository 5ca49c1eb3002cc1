import type { RebootMethod } from './reboot-method.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
/** Records a problem of one environment variable. */
export type ReportProblem = (variable: string, what: string) => void;

/** SIGRTMIN as the C library counts it on Linux: the kernel's 32, and two that the library reserves. */
const firstRealtimeSignal = 34;
const lastSignal = 64;

/** Reads the reboot method: TUGBOOT_REBOOT_METHOD and the variables that belong to it. */
export function readMethod(env: Environment, problem: ReportProblem): RebootMethod | undefined {
  const method = env['TUGBOOT_REBOOT_METHOD']?.trim() || 'signal';
  if (method === 'signal') return readSignal(env['TUGBOOT_REBOOT_SIGNAL']?.trim() || '39', problem);
  if (method === 'command') {
    const inHost = readSwitch(env, 'TUGBOOT_REBOOT_IN_HOST', problem);
    return readCommand(env['TUGBOOT_REBOOT_COMMAND']?.trim(), inHost, problem);
  }
  problem('TUGBOOT_REBOOT_METHOD', `"${method}" is no method. Methods are signal and command.`);
  return undefined;
}

function readSignal(given: string, problem: ReportProblem): RebootMethod | undefined {
  const realtime = /^SIGRTMIN\+(\d{1,2})$/.exec(given)?.[1];
  const signal = realtime === undefined ? Number(given) : firstRealtimeSignal + Number(realtime);
  if (Number.isInteger(signal) && signal >= 1 && signal <= lastSignal) return { kind: 'signal', signal };
  problem(
    'TUGBOOT_REBOOT_SIGNAL',
    `"${given}" is no signal. Signals are numbers from 1 to ${lastSignal}, or SIGRTMIN+5.`,
  );
  return undefined;
}

/** False if the variable is unset. */
export function readSwitch(env: Environment, variable: string, problem: ReportProblem): boolean {
  const given = env[variable]?.trim() || 'false';
  if (given !== 'true' && given !== 'false') problem(variable, `"${given}" is neither true nor false.`);
  return given === 'true';
}

function readCommand(
  given: string | undefined,
  inHost: boolean,
  problem: ReportProblem,
): RebootMethod | undefined {
  if (!given) {
    problem(
      'TUGBOOT_REBOOT_COMMAND',
      'is missing. The method "command" needs a program, or a JSON list of program and arguments.',
    );
    return undefined;
  }
  const command = given.startsWith('[') ? parseList(given) : [given];
  const [program, ...args] = command ?? [];
  if (program) return { kind: 'command', command: [program, ...args], inHost };
  problem('TUGBOOT_REBOOT_COMMAND', 'is no JSON list of texts, such as ["/usr/bin/systemctl", "reboot"].');
  return undefined;
}

function parseList(given: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(given);
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}
