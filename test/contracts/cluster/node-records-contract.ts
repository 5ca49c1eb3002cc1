import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../src/reboot/nodes/cluster-event.ts';
import { type ClusterWorld, clusterBench, owner, past } from './cluster-bench.ts';

export function nodeRecordsContract(name: string, make: () => Promise<ClusterWorld>): void {
  describe(`NodeRecords contract: ${name}`, () => {
    const bench = clusterBench(make);

    describe('what cannot be known about a node', () => {
      const first = { about: ['kernel'], since: '2026-11-22T12:00:00.000Z' };
      const told = { ...first, told: true };

      it('is noted on its agent, replaced and taken away', async () => {
        await bench.cluster.ensureAgent({ name: 'n1', uid: bench.n1.uid });
        expect(await bench.cluster.writeNote('n1', undefined, first)).toBe('done');
        expect((await bench.cluster.observe('n1')).agent?.unknownSignals).toEqual(first);
        expect(await bench.cluster.writeNote('n1', first, told)).toBe('done');
        expect((await bench.cluster.observe('n1')).agent?.unknownSignals).toEqual(told);
        expect(await bench.cluster.writeNote('n1', told, undefined)).toBe('done');
        expect((await bench.cluster.observe('n1')).agent?.unknownSignals).toBeUndefined();
      });

      it('stands beside what else is noted of it', async () => {
        await bench.cluster.ensureAgent({ name: 'n1', uid: bench.n1.uid });
        await bench.cluster.writeNote('n1', undefined, first);
        const other = { about: ['locksmithd'], since: first.since };
        expect(await bench.cluster.writeNote('n1', undefined, other, 'rebooters')).toBe('done');
        expect((await bench.cluster.observe('n1')).agent).toMatchObject({
          unknownSignals: first,
          rebooters: other,
        });
        expect(await bench.cluster.writeNote('n1', first, undefined)).toBe('done');
        expect(await bench.cluster.writeNote('n1', undefined, undefined, 'rebooters')).toBe('conflict');
        expect((await bench.cluster.observe('n1')).agent?.rebooters).toEqual(other);
      });

      it('is read of all agents at once', async () => {
        await bench.cluster.ensureAgent({ name: 'n1', uid: bench.n1.uid });
        await bench.cluster.writeNote('n1', undefined, first);
        const agents = await bench.cluster.freshAgents();
        expect(agents.find(({ node }) => node === 'n1')?.unknownSignals).toEqual(first);
      });

      it('is not noted over what somebody else has noted since', async () => {
        await bench.cluster.ensureAgent({ name: 'n1', uid: bench.n1.uid });
        await bench.cluster.writeNote('n1', undefined, told);
        expect(await bench.cluster.writeNote('n1', undefined, first)).toBe('conflict');
        expect(await bench.cluster.writeNote('n1', first, undefined)).toBe('conflict');
        expect((await bench.cluster.observe('n1')).agent?.unknownSignals).toEqual(told);
        expect(await bench.cluster.writeNote('nowhere', undefined, first)).toBe('gone');
      });
    });

    describe('what other tools read', () => {
      it('marks a node that needs a reboot, and takes the mark back', async () => {
        expect(await bench.cluster.setRebootRequired(bench.n1, 'True', 'linux-image-6.8.0-49')).toBe('done');
        expect(await bench.nodeNow()).toMatchObject({ rebootRequired: 'True' });
        expect(await bench.cluster.setRebootRequired(bench.n1, 'False', '')).toBe('done');
        expect(await bench.nodeNow()).toMatchObject({ rebootRequired: 'False' });
      });

      it('marks nothing at another boot', async () => {
        expect(await bench.cluster.setRebootRequired(past(bench.n1), 'True', '')).toBe('wrong-boot');
        expect((await bench.nodeNow())?.rebootRequired).toBeUndefined();
      });

      it('writes an Event once, however often it is told', async () => {
        const event: ClusterEvent = {
          node: 'n1',
          nodeUid: bench.n1.uid,
          key: `${owner}/cordoned`,
          type: 'Normal',
          reason: 'Cordoned',
          note: 'Cordoned for a reboot that mia approved.',
          at: '2026-11-22T12:00:00.000Z',
        };
        await bench.cluster.record(event);
        await bench.cluster.record(event);
        await bench.cluster.record({ ...event, key: `${owner}/drained`, reason: 'Drained' });
        const reasons = (await bench.world.eventsOf('n1')).map((told) => told.reason);
        expect(reasons.toSorted()).toEqual(['Cordoned', 'Drained']);
      });

      it('writes it on the Reboot as well, where it is about one', async () => {
        const told = { name: owner, uid: 'uid-of-the-reboot' };
        await bench.cluster.record({
          node: 'n1',
          nodeUid: bench.n1.uid,
          reboot: told,
          key: `${owner}/drained`,
          type: 'Normal',
          reason: 'Drained',
          note: 'Drained of 14 pods.',
          at: '2026-11-22T12:00:00.000Z',
        });
        for (const name of ['n1', owner])
          expect((await bench.world.eventsOf(name)).map(({ reason }) => reason)).toEqual(['Drained']);
      });
    });
  });
}
