import { describe, expect, it } from 'vitest';
import { type ClusterWorld, clusterBench, otherMachine, owner, past } from './cluster-bench.ts';

export function cordonsContract(name: string, make: () => Promise<ClusterWorld>): void {
  describe(`Cordons contract: ${name}`, () => {
    const bench = clusterBench(make);

    describe('cordoning', () => {
      it('cordons a schedulable node and puts the owner on it', async () => {
        expect(await bench.cluster.cordon(bench.n1, owner)).toBe('us');
        expect(await bench.nodeNow()).toMatchObject({ unschedulable: true, cordonedBy: owner });
      });

      it('says "us" again when a crash came between the cordon and its record', async () => {
        await bench.cluster.cordon(bench.n1, owner);
        expect(await bench.cluster.cordon(bench.n1, owner)).toBe('us');
      });

      it('leaves the cordon of somebody else to them', async () => {
        await bench.world.cordonAsOther('n1');
        expect(await bench.cluster.cordon(bench.n1, owner)).toBe('other');
        expect((await bench.nodeNow())?.cordonedBy).toBeUndefined();
      });

      it('leaves the cordon of another Reboot to it', async () => {
        await bench.cluster.cordon(bench.n1, owner);
        expect(await bench.cluster.cordon(bench.n1, 'n1-other')).toBe('other');
        expect(await bench.nodeNow()).toMatchObject({ cordonedBy: owner });
      });

      it('changes nothing at another boot', async () => {
        expect(await bench.cluster.cordon(past(bench.n1), owner)).toBe('wrong-boot');
        expect(await bench.nodeNow()).toMatchObject({ unschedulable: false });
      });

      it('changes nothing on another machine of the same name', async () => {
        expect(await bench.cluster.cordon(otherMachine(bench.n1), owner)).toBe('gone');
        expect(await bench.nodeNow()).toMatchObject({ unschedulable: false });
      });

      it('says that a node is gone', async () => {
        await bench.world.removeNode('n1');
        expect(await bench.cluster.cordon(bench.n1, owner)).toBe('gone');
      });
    });

    describe('uncordoning', () => {
      it('uncordons what the owner cordoned, and leaves no trace', async () => {
        await bench.cluster.cordon(bench.n1, owner);
        expect(await bench.cluster.uncordon(bench.n1, owner)).toBe('done');
        expect(await bench.nodeNow()).toMatchObject({ unschedulable: false });
        expect((await bench.nodeNow())?.cordonedBy).toBeUndefined();
      });

      it('uncordons at the new boot what it cordoned at the old one', async () => {
        await bench.cluster.cordon(bench.n1, owner);
        await bench.world.setBoot('n1', 'boot-2');
        expect(await bench.cluster.uncordon({ ...bench.n1, bootId: 'boot-2' }, owner)).toBe('done');
        expect(await bench.nodeNow()).toMatchObject({ unschedulable: false });
      });

      it('keeps a node cordoned that somebody else had cordoned', async () => {
        await bench.world.cordonAsOther('n1');
        await bench.cluster.cordon(bench.n1, owner);
        expect(await bench.cluster.uncordon(bench.n1, owner)).toBe('kept');
        expect(await bench.nodeNow()).toMatchObject({ unschedulable: true });
      });

      it('keeps the cordon of another Reboot', async () => {
        await bench.cluster.cordon(bench.n1, 'n1-other');
        expect(await bench.cluster.uncordon(bench.n1, owner)).toBe('kept');
        expect(await bench.nodeNow()).toMatchObject({ unschedulable: true, cordonedBy: 'n1-other' });
      });

      it('changes nothing at another boot', async () => {
        await bench.cluster.cordon(bench.n1, owner);
        expect(await bench.cluster.uncordon(past(bench.n1), owner)).toBe('wrong-boot');
        expect(await bench.nodeNow()).toMatchObject({ unschedulable: true, cordonedBy: owner });
      });

      it('takes its mark off a node that somebody else has uncordoned', async () => {
        await bench.cluster.cordon(bench.n1, owner);
        await bench.world.uncordonAsOther('n1');
        expect(await bench.cluster.uncordon(bench.n1, owner)).toBe('done');
        expect((await bench.nodeNow())?.cordonedBy).toBeUndefined();
      });

      it('has nothing to do on a schedulable node that wears the mark of another Reboot', async () => {
        await bench.cluster.cordon(bench.n1, 'n1-other');
        await bench.world.uncordonAsOther('n1');
        expect(await bench.cluster.uncordon(bench.n1, owner)).toBe('done');
        expect(await bench.nodeNow()).toMatchObject({ unschedulable: false, cordonedBy: 'n1-other' });
      });

      it('says "done" when it is told twice', async () => {
        await bench.cluster.cordon(bench.n1, owner);
        await bench.cluster.uncordon(bench.n1, owner);
        expect(await bench.cluster.uncordon(bench.n1, owner)).toBe('done');
      });

      it('says that a node is gone', async () => {
        await bench.world.removeNode('n1');
        expect(await bench.cluster.uncordon(bench.n1, owner)).toBe('gone');
      });
    });

    describe('forgetting a cordon', () => {
      it('takes our name off a node that somebody else has uncordoned, and leaves one that is cordoned', async () => {
        await bench.cluster.cordon(bench.n1, owner);
        expect(await bench.cluster.forgetCordon(bench.n1, owner)).toBe('kept');
        await bench.world.uncordonAsOther('n1');
        expect(await bench.cluster.forgetCordon(past(bench.n1), owner)).toBe('wrong-boot');
        expect(await bench.cluster.forgetCordon(bench.n1, 'n1-other')).toBe('done');
        expect(await bench.nodeNow()).toMatchObject({ cordonedBy: owner });
        expect(await bench.cluster.forgetCordon(bench.n1, owner)).toBe('done');
        expect((await bench.nodeNow())?.cordonedBy).toBeUndefined();
      });
    });
  });
}
