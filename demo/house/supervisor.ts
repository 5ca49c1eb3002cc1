/**
 * Everything that the demo starts, so that all of it ends: when asked, on Ctrl-C, and when the demo itself is
 * killed. The last is the work of a shell that waits for our end of a pipe to close, which happens however we
 * die.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Supervisor {
  /** Ends with us. */
  adopt<C extends ChildProcess>(child: C): C;
  /** Has a process that is nobody's child of ours ended with us if we are killed. */
  remember(pid: number): void;
  /** Asks a child to end, and makes it after a while. */
  end(child: ChildProcess): Promise<void>;
  /** Whether its end, now or later, is our own wish. */
  isEnding(child: ChildProcess): boolean;
  onEnd(callback: () => Promise<unknown>): void;
  /** Ends everything in reverse order, and removes the directory. */
  close(): Promise<void>;
}

const patience = 9_000;

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
  const endings: (() => Promise<unknown>)[] = [];
  const children = new Set<ChildProcess>();
  const others = new Set<number>();
  const ending = new WeakSet<ChildProcess>();
  let closing = false;
  // Only those that live: the number of one that has ended may be somebody else's by now.
  const note = (): void => {
    if (closing) return;
    const all = [...others, ...[...children].map(({ pid }) => pid)];
    writeFileSync(`${pids}.new`, all.map((pid) => (pid === undefined ? '' : `${pid}\n`)).join(''));
    renameSync(`${pids}.new`, pids);
  };

  const end = async (child: ChildProcess): Promise<void> => {
    ending.add(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const over = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), patience);
    await over;
    clearTimeout(timer);
  };
  return {
    adopt(child) {
      children.add(child);
      note();
      // Whoever was about to start it had not heard yet.
      if (closing) void end(child);
      child.once('exit', () => {
        children.delete(child);
        note();
      });
      return child;
    },
    remember(pid) {
      others.add(pid);
      note();
    },
    end,
    isEnding: (child) => closing || ending.has(child),
    onEnd: (callback) => endings.push(callback),
    async close() {
      closing = true;
      await Promise.allSettled([...children].map(end));
      for (const callback of endings.reverse()) await callback().catch(() => undefined);
      await Promise.allSettled([...children].map(end));
      writeFileSync(pids, '');
      watcher.stdin?.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
