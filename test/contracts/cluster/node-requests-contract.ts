import { describe, expect, it } from 'vitest';
import { type ClusterWorld, clusterBench, otherMachine, past } from './cluster-bench.ts';

/** Reboots that people request by an annotation of the node. */
export function nodeRequestsContract(name: string, make: () => Promise<ClusterWorld>): void {
  describe(`NodeRequests contract: ${name}`, () => {
    const bench = clusterBench(make);

    it('is seen with its reason, and taken away once', async () => {
      expect(await bench.nodeNow()).not.toHaveProperty('requested');
      await bench.world.requestAsOther('n1', 'new firmware');
      expect(await bench.nodeNow()).toMatchObject({ requested: 'new firmware' });
      expect(await bench.cluster.takeRequest(bench.n1, { requested: 'new firmware' })).toBe('done');
      expect(await bench.nodeNow()).not.toHaveProperty('requested');
      expect(await bench.cluster.takeRequest(bench.n1, { requested: 'new firmware' })).toBe('done');
    });
    it('stays when it has been given another reason since', async () => {
      await bench.world.requestAsOther('n1', 'new disk');
      expect(await bench.cluster.takeRequest(bench.n1, { requested: 'new firmware' })).toBe('kept');
      const named = { requested: 'new disk', requestedBy: 'mia' };
      expect(await bench.cluster.takeRequest(bench.n1, named)).toBe('kept');
      expect(await bench.nodeNow()).toMatchObject({ requested: 'new disk' });
    });
    it('is taken away with the name beside it', async () => {
      const name = await bench.world.requestAsOther('n1', 'new firmware', 'in their own name');
      expect(await bench.nodeNow()).toMatchObject({ requested: 'new firmware', requestedBy: name });
      expect(
        await bench.cluster.takeRequest(bench.n1, { requested: 'new firmware', requestedBy: name }),
      ).toBe('done');
      expect(await bench.nodeNow()).not.toHaveProperty('requestedBy');
    });
    it('stays at another boot', async () => {
      await bench.world.requestAsOther('n1', '');
      expect(await bench.cluster.takeRequest(past(bench.n1), { requested: '' })).toBe('wrong-boot');
      expect(await bench.cluster.takeRequest(otherMachine(bench.n1), { requested: '' })).toBe('gone');
      expect(await bench.nodeNow()).toMatchObject({ requested: '' });
    });
  });
}
