import type { BootTarget } from '../../../src/reboot/nodes/observation.ts';
import type { DrainEvent, Drains } from '../../../src/reboot/ports/cluster/drains.ts';
import type { FakeWorld } from './fake-world.ts';

export interface FakeDrains extends Drains {
  /**
   * The events of the next drains; the last script is repeated. One that does not end is that of a worker
   * that stopped.
   */
  drains(...scripts: readonly DrainEvent[][]): void;
}

export function fakeDrains({ nodes, settings, call, target }: FakeWorld): FakeDrains {
  let scripts: (readonly DrainEvent[])[] = [[{ kind: 'drained', pods: 14 }]];
  /** The node's own state ends a drain before any script does. */
  const endOf = (boot: BootTarget): DrainEvent | undefined => {
    const node = target(boot);
    if (typeof node === 'string') return { kind: 'superseded' };
    if (node.unschedulable) return undefined;
    return { kind: 'failed', code: 'uncordoned-by-other', sentence: `Somebody uncordoned ${boot.node}.` };
  };
  return {
    drains(...given) {
      scripts = [...given];
    },
    async *drain(request, signal) {
      call(`drain ${request.target.node}${request.force ? ' by force' : ''}`);
      const script = scripts.length > 1 ? scripts.shift() : scripts[0];
      const { daemonPodsNotReady } = settings;
      const isReady = nodes.get(request.target.node)?.ready === true;
      let first = isReady && daemonPodsNotReady.length > 0 ? { daemonPodsNotReady } : {};
      for (const event of script ?? []) {
        if (signal.aborted) return;
        const end = endOf(request.target);
        yield (
          end ?? (event.kind === 'failed' || event.kind === 'superseded' ? event : { ...event, ...first })
        );
        first = {};
        if (end !== undefined || event.kind !== 'progress') return;
      }
    },
  };
}
