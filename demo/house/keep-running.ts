/**
 * Starts a program again when it ends and nobody had asked it to: what a kubelet does with its containers.
 */
import type { ChildProcess } from 'node:child_process';

export interface KeepRunning<C> {
  /** What runs already. */
  readonly first: C;
  readonly start: () => C;
  readonly childOf: (started: C) => ChildProcess;
  /** Whether this end was wished for; asked when it ends, and once more before it starts anew. */
  readonly wished: (child: ChildProcess) => boolean;
  /** Told of each new start, with how the one before it ended. */
  readonly again: (how: string) => void;
  /** The wait before it starts anew: doubled by each crash, until one has run for long. */
  readonly waits?: { readonly first: number; readonly longest: number; readonly steady: number };
}

/** Shorter than a kubelet's, which a visitor would not sit through. */
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
