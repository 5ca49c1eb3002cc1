import { describe, expect, it } from 'vitest';
import { type ClusterWorld, clusterBench } from './cluster-bench.ts';

export function freshReadsContract(name: string, make: () => Promise<ClusterWorld>): void {
  describe(`FreshReads contract: ${name}`, () => {
    const bench = clusterBench(make);

    it('shows a node by name, UID, boot, readiness and labels', async () => {
      expect(await bench.nodeNow()).toMatchObject({
        name: 'n1',
        uid: bench.n1.uid,
        bootId: bench.n1.bootId,
        ready: true,
        unschedulable: false,
        labels: { role: 'worker' },
      });
    });

    it('shows the taints of a node', async () => {
      await bench.world.taintAsOther('n1', 'karpenter.sh/disrupted');
      expect((await bench.nodeNow())?.taints).toEqual([
        { key: 'karpenter.sh/disrupted', effect: 'NoSchedule' },
      ]);
    });

    it('shows a boot and the loss of readiness at once when asked freshly', async () => {
      await bench.world.setBoot('n1', 'boot-2');
      await bench.world.setReady('n1', false);
      expect(await bench.nodeNow()).toMatchObject({ bootId: 'boot-2', ready: false });
    });

    it('shows a node that is gone as undefined', async () => {
      expect(await bench.cluster.observe('nowhere')).toEqual({ daemonPodsNotReady: [] });
    });

    it('lists the nodes of a pool freshly, by its selector', async () => {
      await bench.world.addNode('n2', { role: 'other' });
      const names = async (selector: string) =>
        (await bench.cluster.freshNodes({ selector })).map((node) => node.name).toSorted();
      expect(await names('')).toEqual(['n1', 'n2']);
      expect(await names('role=worker')).toEqual(['n1']);
      expect(await names('role!=worker')).toEqual(['n2']);
      expect(await names('role in (worker,other)')).toEqual(['n1', 'n2']);
    });
  });
}
