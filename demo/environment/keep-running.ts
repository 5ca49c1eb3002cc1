/** Restarts a program that exits unexpectedly, as a kubelet restarts a container. */
import type { ChildProcess } from 'node:child_process';

export interface KeepRunning<C> {
  /** The process that is running already. */
  readonly first: C;
  readonly start: () => C;
  readonly childOf: (started: C) => ChildProcess;
  /** True if the exit was requested. Checked when the process exits, and again before the restart. */
  readonly isRequested: (child: ChildProcess) => boolean;
  /** Called at each restart, with how the previous process ended. */
  readonly onRestart: (how: string) => void;
  /** The backoff in milliseconds: doubled by each crash, reset once a process has run for `steady`. */
  readonly backoff?: { readonly first: number; readonly longest: number; readonly steady: number };
}

/** Shorter than a kubelet's backoff, which is too long for a demo. */
const demoBackoff = { first: 500, longest: 10_000, steady: 60_000 };

export function keepRunning<C>({
  first,
  start,
  childOf,
  isRequested,
  onRestart,
  backoff = demoBackoff,
}: KeepRunning<C>): void {
  let crashes = 0;
  const follow = (running: C): void => {
    const child = childOf(running);
    const since = performance.now();
    child.once('exit', (code, signal) => {
      if (isRequested(child)) return;
      crashes = performance.now() - since > backoff.steady ? 1 : crashes + 1;
      const wait = Math.min(backoff.longest, backoff.first * 2 ** (crashes - 1));
      const how = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
      setTimeout(() => {
        if (isRequested(child)) return;
        follow(start());
        onRestart(how);
      }, wait).unref();
    });
  };
  follow(first);
}
