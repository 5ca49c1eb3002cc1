/** Decisions are stored in the cluster; an unreachable queue delays what follows and undoes nothing. */
import { PortError } from '../ports/port-error.ts';
import type { Queue } from '../ports/queue.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { render } from '../render/render.ts';

export interface WithoutQueue<T> {
  readonly result: T;
  /** A sentence for the person; absent when the queue accepted the work. */
  readonly delayed?: string;
}

const delayed = 'It is stored in the cluster, and carried out when the work queue is back.';

/**
 * Runs `work` whether or not the queue is reachable. Work that could not be queued is found by the resync
 * after the queue's return. In that case the card of `name` is rendered here, so that a decision shows at
 * once.
 */
export async function withoutQueue<T>(
  deps: ServiceDeps,
  name: string | undefined,
  work: (deps: ServiceDeps) => Promise<T>,
): Promise<WithoutQueue<T>> {
  let unreachable: PortError | undefined;
  const tolerant = <A extends readonly unknown[]>(add: (...args: A) => Promise<void>) => {
    return async (...args: A): Promise<void> => {
      try {
        await add(...args);
      } catch (error) {
        if (!(error instanceof PortError) || error.code !== 'queue-unreachable') throw error;
        unreachable = error;
      }
    };
  };
  const queue: Queue = {
    reconcileNode: tolerant((node) => deps.queue.reconcileNode(node)),
    reconcile: tolerant((reboot, at, step) => deps.queue.reconcile(reboot, at, step)),
    plan: tolerant((at) => deps.queue.plan(at)),
    start: tolerant((reboot) => deps.queue.start(reboot)),
    drain: tolerant((reboot) => deps.queue.drain(reboot)),
    render: tolerant((reboot) => deps.queue.render(reboot)),
    updateDigest: tolerant((pool, at) => deps.queue.updateDigest(pool, at)),
    spread: tolerant((pool) => deps.queue.spread(pool)),
  };
  const tolerantDeps = { ...deps, queue };
  const result = await work(tolerantDeps);
  if (unreachable === undefined) return { result };
  deps.logger.warn('queue cannot be reached; the next resync goes on', { reboot: name, err: unreachable });
  if (name !== undefined) await renderNow(tolerantDeps, name);
  return { result, delayed };
}

async function renderNow(deps: ServiceDeps, name: string): Promise<void> {
  try {
    await render(deps, name);
  } catch (error) {
    deps.logger.warn('card not rendered; the next resync renders it', { reboot: name, err: error });
  }
}
