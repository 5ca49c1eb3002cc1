import { cleanText } from '../host/clean-text.ts';
import type { Timers } from '../timers.ts';
import { type ProgramCommand, onHost, runProgram } from './run-program.ts';

export type RebootMethod =
  | { readonly kind: 'signal'; readonly signal: number }
  /** `inHost`: run in the mount namespace of the host's PID 1. */
  | { readonly kind: 'command'; readonly command: ProgramCommand; readonly inHost: boolean };

export type RebootOutcome = { readonly asked: true } | { readonly asked: false; readonly why: string };

/** Requests the reboot of the host. `asked: true` is no proof of a reboot: only a new boot ID is. */
export type RebootHost = () => Promise<RebootOutcome>;

export interface RebootDeps {
  readonly method: RebootMethod;
  readonly timers: Pick<Timers, 'after'>;
  /** Environment of the command. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Used by the method `signal`: the agent's own PID, and the system call. */
  readonly process: { readonly pid: number; kill(pid: number, signal: number): unknown };
}

const commandTimeout = 60_000;

export function createRebootHost(deps: RebootDeps): RebootHost {
  const { method } = deps;
  return method.kind === 'signal'
    ? async () => sendSignal(deps, method.signal)
    : async () => runCommand(deps, method.inHost ? onHost(method.command) : method.command);
}

/** systemd starts reboot.target on SIGRTMIN+5 to PID 1 (systemd(1), Signals). */
function sendSignal({ process }: RebootDeps, signal: number): RebootOutcome {
  // Without hostPID, PID 1 is the container's own process: the signal would end the agent only.
  if (process.pid === 1)
    return refused('The agent does not see the processes of its host: its pod lacks hostPID');
  try {
    process.kill(1, signal);
    return { asked: true };
  } catch (error) {
    return refused(
      `Signal ${signal} to the host's first process failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function runCommand({ timers, env }: RebootDeps, command: ProgramCommand): Promise<RebootOutcome> {
  const ran = await runProgram({ command, env, timeout: commandTimeout, timers });
  if (ran.kind === 'not-run') return refused(`The reboot command cannot be run: ${ran.why}`);
  if (ran.kind === 'late')
    return refused(`The reboot command took longer than ${commandTimeout / 1000} s and was ended`);
  if (ran.kind === 'killed') return refused(`The reboot command ended with ${ran.signal}`);
  if (ran.code === 0) return { asked: true };
  const words = `${ran.output}${ran.errors}`;
  const said = words.trim() === '' ? '' : `: ${words}`;
  return refused(`The reboot command ended with exit code ${ran.code}${said}`);
}

const refused = (why: string): RebootOutcome => ({ asked: false, why: cleanText(why, 300) });
