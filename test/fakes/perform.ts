import type { Queue } from '../../src/reboot/ports/queue.ts';
import { schedule } from '../../src/reboot/service/schedule.ts';
import type { Work } from '../../src/reboot/service/service.ts';

export type JobKind = 'look' | 'plan' | 'start' | 'advance' | 'drain' | 'render' | 'digest' | 'spread';

/** Runs a job as the worker does. */
export async function perform(
  { work, queue }: { readonly work: Work; readonly queue: Queue },
  kind: JobKind,
  id: string,
): Promise<void> {
  switch (kind) {
    case 'look':
      await work.reconcileNode(id);
      return;
    case 'plan':
      await work.plan();
      return;
    case 'start':
      return schedule(queue, id, await work.start(id));
    case 'advance':
      return schedule(queue, id, await work.reconcile(id));
    case 'drain':
      await work.drain(id, new AbortController().signal);
      return;
    case 'render':
      await work.render(id);
      return;
    case 'digest':
      await work.updateDigest(id);
      return;
    case 'spread':
      await work.spread(id);
      return;
  }
}
