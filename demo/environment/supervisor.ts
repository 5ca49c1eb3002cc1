/**
 * Owns every process of the demo, so that all of them end: on close, on Ctrl-C, and when the demo itself is
 * killed. In the last case a shell does it, which waits for the end of a pipe that closes however this
 * process ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Supervisor {
  /** Ends the child when this process ends. */
  adopt<C extends ChildProcess>(child: C): C;
  /** Registers a process that is not our child, to be ended if this process is killed. */
  registerPid(pid: number): void;
  /** Sends SIGTERM, and SIGKILL after a while. */
  end(child: ChildProcess): Promise<void>;
  /** True if its exit, now or later, was requested here. */
  isEnding(child: ChildProcess): boolean;
  onEnd(callback: () => Promise<unknown>): void;
  /** Ends everything in reverse order, and removes the directory. */
  close(): Promise<void>;
}

const termTimeout = 9_000;

const reaper = `cat >/dev/null
while read -r pid; do kill "$pid" 2>/dev/null; done < "$0/pids"
sleep 1
while read -r pid; do kill -9 "$pid" 2>/dev/null; done < "$0/pids"
rm -rf "$0"`;

export function createSupervisor(directory: string): Supervisor {
  const pids = join(directory, 'pids');
  writeFileSync(pids, '');
  const watcher = spawn('/bin/sh', ['-c', reaper, directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.unref();
  const closers: (() => Promise<unknown>)[] = [];
  const children = new Set<ChildProcess>();
  const otherPids = new Set<number>();
  const ending = new WeakSet<ChildProcess>();
  let closing = false;
  // Only live processes: the PID of one that has exited may be reused.
  const writePids = (): void => {
    if (closing) return;
    const all = [...otherPids, ...[...children].map(({ pid }) => pid)];
    writeFileSync(`${pids}.new`, all.map((pid) => (pid === undefined ? '' : `${pid}\n`)).join(''));
    renameSync(`${pids}.new`, pids);
  };

  const end = async (child: ChildProcess): Promise<void> => {
    ending.add(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const over = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), termTimeout);
    await over;
    clearTimeout(timer);
  };
  return {
    adopt(child) {
      children.add(child);
      writePids();
      // Started while closing: end it at once.
      if (closing) void end(child);
      child.once('exit', () => {
        children.delete(child);
        writePids();
      });
      return child;
    },
    registerPid(pid) {
      otherPids.add(pid);
      writePids();
    },
    end,
    isEnding: (child) => closing || ending.has(child),
    onEnd: (callback) => closers.push(callback),
    async close() {
      closing = true;
      await Promise.allSettled([...children].map(end));
      for (const callback of closers.reverse()) await callback().catch(() => undefined);
      await Promise.allSettled([...children].map(end));
      writeFileSync(pids, '');
      watcher.stdin?.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
