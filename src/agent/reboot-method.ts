import { cleanText } from './clean-text.ts';
import type { Clockwork } from './clockwork.ts';

export type RebootMethod =
  | { readonly kind: 'signal'; readonly signal: number }
  | { readonly kind: 'command'; readonly command: readonly [string, ...string[]] };

export type RebootOutcome = { readonly asked: true } | { readonly asked: false; readonly why: string };

/** Asks the host to reboot. `asked` does not mean that it will: only a new boot is proof. */
export type RebootHost = () => Promise<RebootOutcome>;

export interface RebootDeps {
  readonly method: RebootMethod;
  readonly clockwork: Pick<Clockwork, 'after'>;
  /** What the command sees. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For the signal: who we are, and how to send it. */
  readonly process: { readonly pid: number; kill(pid: number, signal: number): unknown };
}

const commandTimeout = 60_000;
const longestOutput = 4_096;

export function createRebootHost(deps: RebootDeps): RebootHost {
  const { method } = deps;
  return method.kind === 'signal'
    ? async () => sendSignal(deps, method.signal)
    : async () => runCommand(deps, method.command);
}

/** systemd starts reboot.target on SIGRTMIN+5 to PID 1 (systemd(1), Signals). */
function sendSignal({ process }: RebootDeps, signal: number): RebootOutcome {
  // Without hostPID the first process is the container's own: the agent would end itself, and nothing else.
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

async function runCommand(
  deps: RebootDeps,
  [program, ...args]: readonly [string, ...string[]],
): Promise<RebootOutcome> {
  // Loaded when it is needed: it would cost every agent that reboots by signal two megabytes.
  const { spawn } = await import('node:child_process');
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...deps.env } });
    let output = '';
    const listen = (piece: Buffer): void => {
      if (output.length < longestOutput) output += piece.toString('utf8');
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    const callOff = deps.clockwork.after(commandTimeout, () => child.kill('SIGKILL'));
    const end = (outcome: RebootOutcome): void => {
      callOff();
      resolve(outcome);
    };
    child.on('error', (error) => end(refused(`The reboot command cannot be run: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) return end({ asked: true });
      const said = output.trim() === '' ? '' : `: ${output}`;
      end(refused(`The reboot command ended with ${signal ?? `exit code ${code}`}${said}`));
    });
  });
}

const refused = (why: string): RebootOutcome => ({ asked: false, why: cleanText(why, 300) });
