import { describe, expect, it } from 'vitest';
import { noManagedLabels, type WantedLabels } from '../../../src/reboot/ownership/managed-labels.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import { type ClusterWorld, clusterBench, otherMachine, owner, past } from './cluster-bench.ts';

/** What a node has for other tools. */
export function nodeLabelsContract(name: string, make: () => Promise<ClusterWorld>): void {
  describe(`NodeLabels contract: ${name}`, () => {
    const bench = clusterBench(make);

    const wanted: WantedLabels = {
      labels: { role: 'resting', 'example.com/maintenance': 'true' },
      annotations: { 'cluster-autoscaler.kubernetes.io/scale-down-disabled': 'true' },
      labelsFor: owner,
      lasting: {},
      lastingAnnotations: {},
      waiting: true,
      state: { phase: 'Draining', reboot: owner },
    };
    const labelsAndAnnotations = {
      waiting: true,
      state: 'Draining',
      reboot: owner,
      labels: { role: { put: 'resting', was: 'worker' }, 'example.com/maintenance': { put: 'true' } },
      annotations: { 'cluster-autoscaler.kubernetes.io/scale-down-disabled': { put: 'true' } },
      labelsFor: owner,
    };

    it('is put on it, is seen there, and leaves no trace when it is taken away', async () => {
      const before = await bench.nodeNow();
      expect(await bench.cluster.label(bench.n1, () => wanted)).toBe('done');
      expect(await bench.nodeNow()).toMatchObject({
        managed: labelsAndAnnotations,
        labels: { role: 'resting', 'example.com/maintenance': 'true' },
        hookAnnotations: { 'cluster-autoscaler.kubernetes.io/scale-down-disabled': 'true' },
      });
      expect(await bench.cluster.label(bench.n1, () => wanted)).toBe('done');
      expect(await bench.cluster.label(bench.n1, () => noManagedLabels)).toBe('done');
      expect(await bench.nodeNow()).toEqual(before);
    });

    it('notes the annotations that it replaces, whole, and puts them back', async () => {
      const theirs = {
        'example.com/hold': `by "mia"\n${'x'.repeat(600)}`,
        'example.com/book': 'x'.repeat(5_000),
      };
      const ours = { 'example.com/hold': 'by tugboot', 'example.com/book': 'closed' };
      await bench.cluster.label(bench.n1, () => ({ ...noManagedLabels, lastingAnnotations: theirs }));
      for (let time = 0; time < 2; time += 1) {
        await bench.cluster.label(bench.n1, () => ({ ...noManagedLabels, annotations: ours }));
        const put = { 'example.com/hold': { put: 'by tugboot', was: theirs['example.com/hold'] } };
        // A value that is too long to be recorded is not overwritten.
        expect((await bench.nodeNow())?.managed?.annotations).toEqual(put);
        await bench.cluster.label(bench.n1, () => noManagedLabels);
        expect((await bench.nodeNow())?.managed).toBeUndefined();
      }
    });

    it('tells of the drain in conditions that name the Reboot, and takes them away again', async () => {
      const before = await bench.nodeNow();
      for (const drained of [false, true]) {
        const drain = { reboot: owner, drained };
        expect(await bench.cluster.label(bench.n1, () => ({ ...noManagedLabels, drain }))).toBe('done');
        expect((await bench.nodeNow())?.managed).toEqual({ waiting: false, labels: {}, drain });
      }
      expect(await bench.cluster.label(past(bench.n1), () => noManagedLabels)).toBe('wrong-boot');
      expect(await bench.cluster.label(otherMachine(bench.n1), () => noManagedLabels)).toBe('gone');
      expect(await bench.cluster.label(bench.n1, () => noManagedLabels)).toBe('done');
      expect(await bench.nodeNow()).toEqual(before);
    });

    it('is seen by the watch too', async () => {
      await bench.cluster.label(bench.n1, () => wanted);
      await bench.world.settled();
      expect(bench.cluster.nodes()).toEqual([await bench.nodeNow()]);
    });

    it('follows the node as it is read for the write', async () => {
      const whenCordoned = ({ unschedulable }: NodeView): WantedLabels =>
        unschedulable ? wanted : noManagedLabels;
      await bench.cluster.label(bench.n1, whenCordoned);
      expect((await bench.nodeNow())?.managed).toBeUndefined();
      await bench.world.cordonAsOther('n1');
      await bench.cluster.label(bench.n1, whenCordoned);
      expect((await bench.nodeNow())?.managed).toEqual(labelsAndAnnotations);
      await bench.world.uncordonAsOther('n1');
      await bench.cluster.label(bench.n1, whenCordoned);
      expect((await bench.nodeNow())?.managed).toBeUndefined();
    });

    it('is left alone with the cordon, and the cordon with it', async () => {
      await bench.cluster.cordon(bench.n1, owner);
      await bench.cluster.label(bench.n1, () => wanted);
      await bench.cluster.uncordon(bench.n1, owner);
      expect(await bench.nodeNow()).toMatchObject({ unschedulable: false, managed: labelsAndAnnotations });
      await bench.cluster.cordon(bench.n1, owner);
      await bench.cluster.label(bench.n1, () => noManagedLabels);
      expect(await bench.nodeNow()).toMatchObject({ unschedulable: true, cordonedBy: owner });
    });

    it('keeps what lasts', async () => {
      const lastReboot = '2026-11-22T12:00:00.000Z';
      await bench.cluster.label(bench.n1, () => wanted);
      await bench.cluster.label(bench.n1, () => ({
        ...noManagedLabels,
        lasting: { role: 'rested' },
        lastReboot,
      }));
      await bench.cluster.label(bench.n1, () => noManagedLabels);
      expect(await bench.nodeNow()).toMatchObject({
        labels: { role: 'rested' },
        managed: { waiting: false, labels: {}, lastReboot },
      });
    });

    it('does not change at another boot, on another machine, or when it is not owed any more', async () => {
      expect(await bench.cluster.label(past(bench.n1), () => wanted)).toBe('wrong-boot');
      expect(await bench.cluster.label(otherMachine(bench.n1), () => wanted)).toBe('gone');
      expect(
        await bench.cluster.label(
          bench.n1,
          () => wanted,
          async () => false,
        ),
      ).toBe('not-owed');
      expect((await bench.nodeNow())?.managed).toBeUndefined();
    });
  });
}
