import type { SignalReading } from '../../reboot/nodes/node-report.ts';
import { createNotifier, type Notifier } from '../../timing/notifier.ts';
import { sleepOf, type Timers } from '../timers.ts';
import { type CommandSignal, readingOf } from './command-signal.ts';
import { onHost, runProgram, type RunResult } from '../orders/run-program.ts';

/** The command signals. Each runs on a schedule of its own; the report holds their latest readings. */
export interface CommandSignals {
  /** Only of those that have completed a run. */
  readings(): readonly SignalReading[];
  /** Something on the host has changed: each runs again soon. */
  hostChanged(): void;
  /** Runs them until the signal aborts; calls `onChange` when a reading differs from the one before. */
  run(onChange: () => void, signal: AbortSignal): Promise<void>;
}

export interface CommandDeps {
  readonly commands: readonly CommandSignal[];
  /** Run them in the host's mount namespace. */
  readonly inHost: boolean;
  readonly timers: Timers;
}

/** An upgrade changes many files in many steps: one run after it is sufficient. */
const minPauseBetweenRuns = 30_000;

/** LC_ALL fixes the language of the output, and the agent's own environment is not passed on. */
const env = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C',
};

export function createCommandSignals(deps: CommandDeps): CommandSignals {
  const latest = new Map<string, SignalReading>();
  const running = deps.commands.map((command) => ({ command, wake: createNotifier(sleepOf(deps.timers)) }));
  return {
    readings: () => deps.commands.flatMap(({ name }) => latest.get(name) ?? []),
    hostChanged: () => running.forEach(({ wake }) => wake.notify()),
    async run(onChange, signal) {
      const take = (reading: SignalReading): void => {
        if (JSON.stringify(latest.get(reading.name)) === JSON.stringify(reading)) return;
        latest.set(reading.name, reading);
        onChange();
      };
      await Promise.all(running.map((each) => runPeriodically(deps, each, take, signal)));
    },
  };
}

async function runPeriodically(
  deps: CommandDeps,
  { command, wake }: { readonly command: CommandSignal; readonly wake: Notifier },
  take: (reading: SignalReading) => void,
  signal: AbortSignal,
): Promise<void> {
  const { timers } = deps;
  const sleep = sleepOf(timers);
  while (!signal.aborted) {
    const ran = await runOnce(deps, command, signal);
    if (signal.aborted) return;
    take(readingOf(command, ran));
    await sleep(Math.min(minPauseBetweenRuns, command.every), signal);
    // Jitter, so that a fleet that started together does not keep running it together.
    const left = command.every * (0.9 + timers.random() / 5) - minPauseBetweenRuns;
    await wake.wait(Math.max(0, left), signal);
  }
}

const runOnce = async (
  { inHost, timers }: CommandDeps,
  { command, timeout }: CommandSignal,
  signal: AbortSignal,
): Promise<RunResult> =>
  runProgram({ command: inHost ? onHost(command) : command, env, timeout, timers, signal });
