/** Restarts a program that exits unexpectedly, as a kubelet restarts a container. */
import type { ChildProcess } from 'node:child_process';

export interface KeepRunning<C> {
  /** The process that is running already. */
  readonly first: C;
  readonly start: () => C;
  readonly childOf: (started: C) => ChildProcess;
  /** True if the exit was requested. Checked when the process exits, and again before the restart. */
  readonly wished: (child: ChildProcess) => boolean;
  /** Called at each restart, with how the previous process ended. */
  readonly again: (how: string) => void;
  /** The backoff in milliseconds: doubled by each crash, reset once a process has run for `steady`. */
  readonly waits?: { readonly first: number; readonly longest: number; readonly steady: number };
}

/** Shorter than a kubelet's backoff, which is too long for a demo. */
const visitors = { first: 500, longest: 10_000, steady: 60_000 };

export function keepRunning<C>({
  first,
  start,
  childOf,
  wished,
  again,
  waits = visitors,
}: KeepRunning<C>): void {
  let crashes = 0;
  const follow = (running: C): void => {
    const child = childOf(running);
    const since = performance.now();
    child.once('exit', (code, signal) => {
      if (wished(child)) return;
      crashes = performance.now() - since > waits.steady ? 1 : crashes + 1;
      const wait = Math.min(waits.longest, waits.first * 2 ** (crashes - 1));
      const how = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
      setTimeout(() => {
        if (wished(child)) return;
        follow(start());
        again(how);
      }, wait).unref();
    });
  };
  follow(first);
}
