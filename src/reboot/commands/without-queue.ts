/**
 * What people decide is stored in the cluster; a queue that is away delays what follows and undoes nothing.
 */
import { PortError } from '../ports/port-error.ts';
import type { Queue } from '../ports/queue.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { render } from '../show/render.ts';

export interface WithoutQueue<T> {
  readonly result: T;
  /** What to tell the person; absent when the queue took the work. */
  readonly delayed?: string;
}

const delayed = 'It is stored in the cluster, and carried out when the work queue is back.';

/**
 * Does `work` whether or not the queue can be reached; what it could not add is found by the scan that
 * follows the queue's return. The card of
 * `name` is then rendered here, so that what was decided shows at once.
 */
export async function withoutQueue<T>(
  deps: ServiceDeps,
  name: string | undefined,
  work: (deps: ServiceDeps) => Promise<T>,
): Promise<WithoutQueue<T>> {
  let away: PortError | undefined;
  const forgiving = <A extends readonly unknown[]>(add: (...args: A) => Promise<void>) => {
    return async (...args: A): Promise<void> => {
      try {
        await add(...args);
      } catch (error) {
        if (!(error instanceof PortError) || error.code !== 'queue-unreachable') throw error;
        away = error;
      }
    };
  };
  const queue: Queue = {
    reconcileNode: forgiving((node) => deps.queue.reconcileNode(node)),
    reconcile: forgiving((reboot, at) => deps.queue.reconcile(reboot, at)),
    drain: forgiving((reboot) => deps.queue.drain(reboot)),
    render: forgiving((reboot) => deps.queue.render(reboot)),
  };
  const calm = { ...deps, queue };
  const result = await work(calm);
  if (away === undefined) return { result };
  deps.logger.warn('queue cannot be reached; the next scan goes on', { reboot: name, err: away });
  if (name !== undefined) await show(calm, name);
  return { result, delayed };
}

async function show(deps: ServiceDeps, name: string): Promise<void> {
  try {
    await render(deps, name);
  } catch (error) {
    deps.logger.warn('card not rendered; the next scan renders it', { reboot: name, err: error });
  }
}
