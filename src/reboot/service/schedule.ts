import type { Queue } from '../ports/queue.ts';
import type { Outcome } from '../loop/outcome.ts';

/** Adds the jobs of an outcome to the queue, and throws the error that the reconcile ended with. */
export async function schedule(queue: Queue, name: string, outcome: Outcome): Promise<void> {
  const { requeueAt, next, render, wake, drain, start, failure } = outcome;
  for (const reboot of render) await queue.render(reboot);
  if (drain) await queue.drain(name);
  if (start) await queue.start(name);
  for (const { reboot, at, step } of wake) await queue.reconcile(reboot, at, step);
  if (requeueAt !== undefined) await queue.reconcile(name, requeueAt, next);
  if (failure !== undefined) throw failure.error;
}
