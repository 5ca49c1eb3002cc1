import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Supervisor } from '../../../demo/environment/supervisor.ts';

export interface Component {
  readonly name: string;
  readonly child: ChildProcess;
  readonly log: string;
  /** Resolves when the process has exited: its port is free, its connections are closed. */
  stop(): Promise<void>;
  /** Kills the process, as a crash would. */
  kill(): Promise<void>;
}

export interface ComponentStart {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly supervisor: Supervisor;
}

/** Starts a component of the control plane; it ends with this process, however that ends. */
export function startComponent({ name, program, args, directory, supervisor }: ComponentStart): Component {
  const log = join(directory, `${name}.log`);
  const output = createWriteStream(log, { flags: 'a' });
  const child = supervisor.adopt(spawn(program, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] }));
  child.stdout?.pipe(output, { end: false });
  child.stderr?.pipe(output, { end: false });
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    name,
    child,
    log,
    stop: () => supervisor.end(child),
    async kill() {
      child.kill('SIGKILL');
      await over;
    },
  };
}

export class ComponentEnded extends Error {
  override readonly name = 'ComponentEnded';
}

/** Waits until a component is ready. If it exits instead, the error holds the end of its log. */
export async function untilUp(
  { name, child, log }: Component,
  isUp: () => Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new ComponentEnded(
        `${name} ended with ${child.exitCode ?? child.signalCode}:\n${lastWords(log)}`,
      );
    if (await isUp().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`${name} is not up after ${withinMs} ms:\n${lastWords(log)}`);
    await sleep(50);
  }
}

const lastWords = (log: string): string => readFileSync(log, 'utf8').trim().split('\n').slice(-8).join('\n');

const tries = 4;

/** A port that was free just now may be taken since: a component that exits at once gets other ports. */
export async function onFreePorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      const taken = error instanceof ComponentEnded && error.message.includes('address already in use');
      if (!taken || attempt === tries) throw error;
    }
  }
}
