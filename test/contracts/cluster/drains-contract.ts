import { beforeEach, describe, expect, it } from 'vitest';
import type { DrainEvent, DrainRequest } from '../../../src/reboot/ports/cluster/drains.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy } from '../../fakes/builders.ts';
import { type ClusterWorld, clusterBench, otherMachine, owner, past } from './cluster-bench.ts';

/** How drains end on any cluster. What they evict has a suite of its own, for clusters that have pods. */
export function drainsContract(name: string, make: () => Promise<ClusterWorld>): void {
  describe(`Drains contract: ${name}`, () => {
    const bench = clusterBench(make);

    const ends = async (
      wish: Partial<DrainRequest> = {},
      onProgress: (stop: () => void) => unknown = () => undefined,
    ): Promise<readonly DrainEvent[]> => {
      const over = new AbortController();
      const found: DrainEvent[] = [];
      const request = {
        target: bench.n1,
        policy: aDrainPolicy(),
        startedAt: Date.now(),
        deadline: Date.now() + 10 * minute,
        last: [],
        force: false,
        ...wish,
      };
      for await (const event of bench.cluster.drain(request, over.signal)) {
        if (event.kind === 'progress') await onProgress(() => over.abort());
        else found.push(event);
      }
      return found;
    };
    const uncordoned = {
      kind: 'failed',
      code: 'uncordoned-by-other',
      sentence: expect.stringMatching(/n1/),
    };

    it('ends with one event that says so', async () => {
      await bench.cluster.cordon(bench.n1, owner);
      expect(await ends()).toEqual([{ kind: 'drained', pods: expect.any(Number) }]);
    });

    it('is superseded on another boot, another machine, and a node that is gone', async () => {
      await bench.cluster.cordon(bench.n1, owner);
      for (const target of [past(bench.n1), otherMachine(bench.n1), { ...bench.n1, node: 'nowhere' }])
        expect(await ends({ target })).toEqual([{ kind: 'superseded' }]);
    });

    it('does not begin on a node that takes pods', async () => {
      expect(await ends()).toEqual([uncordoned]);
    });

    describe('of a node with a pod that stays', () => {
      beforeEach(async () => {
        await bench.cluster.cordon(bench.n1, owner);
        await bench.world.addWorkload('n1', { kind: 'ReplicaSet', name: 'alone', replicas: 1, ready: 1 });
      });

      it('ends when the node has booted', async () => {
        expect(await ends({}, () => bench.world.setBoot('n1', 'boot-2'))).toEqual([{ kind: 'superseded' }]);
      });

      it('ends when somebody uncordons the node', async () => {
        expect(await ends({}, () => bench.world.uncordonAsOther('n1'))).toEqual([uncordoned]);
      });

      it('ends without an event when it is stopped', async () => {
        expect(await ends({}, (stop) => stop())).toEqual([]);
      });
    });
  });
}
