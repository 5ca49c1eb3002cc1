import type { Work } from '../../src/reboot/loop/service.ts';

export type JobKind = 'look' | 'advance' | 'drain' | 'render';

/** Runs a job as the worker does. */
export function perform(work: Work, kind: JobKind, id: string): Promise<void> {
  switch (kind) {
    case 'look':
      return work.reconcileNode(id);
    case 'advance':
      return work.reconcile(id);
    case 'drain':
      return work.drain(id, new AbortController().signal);
    case 'render':
      return work.render(id);
  }
}
