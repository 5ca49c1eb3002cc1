import { beforeEach, describe, expect, it } from 'vitest';
import { type ClusterWorld, clusterBench, otherMachine, past } from './cluster-bench.ts';

export function ordersContract(name: string, make: () => Promise<ClusterWorld>): void {
  describe(`Orders contract: ${name}`, () => {
    const bench = clusterBench(make);

    beforeEach(async () => {
      await bench.cluster.ensureAgent({ name: 'n1', uid: bench.n1.uid });
    });

    it('makes one agent object for a node, however often it is asked', async () => {
      expect(await bench.cluster.ensureAgent({ name: 'n1', uid: bench.n1.uid })).toBe('exists');
      expect((await bench.cluster.observe('n1')).agent).toEqual({ node: 'n1' });
    });

    it('makes none for a node that is gone', async () => {
      expect(await bench.cluster.ensureAgent({ name: 'nowhere', uid: 'u' })).toBe('node-gone');
    });

    it('makes none for another machine of the same name', async () => {
      const { node: name, uid } = otherMachine(bench.n1);
      expect(await bench.cluster.ensureAgent({ name, uid })).toBe('node-gone');
    });

    it('makes the object that an order needs', async () => {
      const n2 = await bench.world.addNode('n2');
      expect(await bench.cluster.order(n2)).toBe('ordered');
      expect((await bench.cluster.observe('n2')).agent).toEqual({ node: 'n2', endBoot: n2.bootId });
    });

    it('orders the end of a boot by its name, and again without harm', async () => {
      expect(await bench.cluster.order(bench.n1)).toBe('ordered');
      expect(await bench.cluster.order(bench.n1)).toBe('ordered');
      expect((await bench.cluster.observe('n1')).agent).toMatchObject({ endBoot: bench.n1.bootId });
    });

    it('orders nothing at another boot', async () => {
      expect(await bench.cluster.order(past(bench.n1))).toBe('wrong-boot');
      expect((await bench.cluster.observe('n1')).agent?.endBoot).toBeUndefined();
    });

    it('orders nothing on another machine of the same name', async () => {
      expect(await bench.cluster.order(otherMachine(bench.n1))).toBe('gone');
      expect((await bench.cluster.observe('n1')).agent?.endBoot).toBeUndefined();
    });

    it('withdraws an order, and says "done" when there is none', async () => {
      await bench.cluster.order(bench.n1);
      expect(await bench.cluster.withdrawOrder('n1')).toBe('done');
      expect((await bench.cluster.observe('n1')).agent?.endBoot).toBeUndefined();
      expect(await bench.cluster.withdrawOrder('n1')).toBe('done');
    });

    it('cannot withdraw what is gone', async () => {
      expect(await bench.cluster.withdrawOrder('nowhere')).toBe('gone');
    });
  });
}
