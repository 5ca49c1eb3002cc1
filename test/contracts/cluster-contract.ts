import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noManagedLabels, type WantedLabels } from '../../src/reboot/ownership/managed-labels.ts';
import type { BootTarget } from '../../src/reboot/nodes/observation.ts';
import type { Cluster, DrainEvent, DrainRequest } from '../../src/reboot/ports/cluster.ts';
import type { ClusterEvent } from '../../src/reboot/nodes/cluster-event.ts';
import type { NodeView } from '../../src/reboot/nodes/node-view.ts';
import { minute } from '../../src/reboot/time/time.ts';
import { aDrainPolicy } from '../fakes/builders.ts';
import type { WorkloadWish } from '../k8s/world/workload-hand.ts';

/** The cluster under test, and actions of other people and machines. */
export interface ClusterWorld {
  readonly cluster: Cluster;
  /** A schedulable, ready node in its first boot; returns its target. */
  addNode(name: string, labels?: Readonly<Record<string, string>>): Promise<BootTarget>;
  removeNode(name: string): Promise<void>;
  /** The node has booted and is ready. */
  setBoot(name: string, bootId: string): Promise<void>;
  setReady(name: string, ready: boolean): Promise<void>;
  /** With kubectl, without annotations of ours. */
  cordonAsOther(name: string): Promise<void>;
  uncordonAsOther(name: string): Promise<void>;
  /** Requests a reboot by annotation, as a person. */
  /** Returns the requester's name that was written beside it, if any. */
  requestAsOther(name: string, reason: string, how?: 'in their own name'): Promise<string>;
  taintAsOther(name: string, key: string): Promise<void>;
  /** Status True, with that reason. */
  conditionAsOther(name: string, type: string, reason: string): Promise<void>;
  /** A workload with a pod on the node, with the status that its controller writes. */
  addWorkload(node: string, wish: WorkloadWish): Promise<void>;
  removeWorkload(wish: Pick<WorkloadWish, 'kind' | 'name'>): Promise<void>;
  /** Events about a node, by reason. */
  eventsOf(name: string): Promise<readonly { readonly reason: string; readonly note: string }[]>;
  /** Until the cluster's own view shows these actions. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const owner = 'n1-4f1c9a';

/** The contract of Cluster. Drains have a suite of their own, for clusters that have pods. */
export function clusterContract(name: string, make: () => Promise<ClusterWorld>): void {
  describe(`Cluster contract: ${name}`, () => {
    let world: ClusterWorld;
    let cluster: Cluster;
    let n1: BootTarget;
    const past = (target: BootTarget): BootTarget => ({ ...target, bootId: 'a-boot-long-ago' });
    const otherMachine = (target: BootTarget): BootTarget => ({
      ...target,
      uid: 'the-uid-of-another-machine',
    });

    beforeEach(async () => {
      world = await make();
      cluster = world.cluster;
      n1 = await world.addNode('n1', { role: 'worker' });
      await world.settled();
    });
    afterEach(() => world.close());

    const nodeNow = async () => {
      const { node } = await cluster.observe('n1');
      expect(node).toBeDefined();
      return node;
    };

    describe('seeing', () => {
      it('shows a node by name, UID, boot, readiness and labels', async () => {
        expect(await nodeNow()).toMatchObject({
          name: 'n1',
          uid: n1.uid,
          bootId: n1.bootId,
          ready: true,
          unschedulable: false,
          labels: { role: 'worker' },
        });
      });

      it('shows the taints of a node', async () => {
        await world.taintAsOther('n1', 'karpenter.sh/disrupted');
        expect((await nodeNow())?.taints).toEqual([{ key: 'karpenter.sh/disrupted', effect: 'NoSchedule' }]);
      });

      it('shows the same node from the watch', async () => {
        expect(cluster.nodes()).toEqual([await nodeNow()]);
      });

      it('shows a boot and the loss of readiness at once when asked freshly', async () => {
        await world.setBoot('n1', 'boot-2');
        await world.setReady('n1', false);
        expect(await nodeNow()).toMatchObject({ bootId: 'boot-2', ready: false });
      });

      it('shows a node that is gone as undefined', async () => {
        expect(await cluster.observe('nowhere')).toEqual({ daemonPodsNotReady: [] });
      });

      it('lists the nodes of a pool freshly, by its selector', async () => {
        await world.addNode('n2', { role: 'other' });
        const names = async (selector: string) =>
          (await cluster.freshNodes({ selector })).map((node) => node.name).toSorted();
        expect(await names('')).toEqual(['n1', 'n2']);
        expect(await names('role=worker')).toEqual(['n1']);
        expect(await names('role!=worker')).toEqual(['n2']);
        expect(await names('role in (worker,other)')).toEqual(['n1', 'n2']);
      });
    });

    describe('draining', () => {
      const ends = async (
        wish: Partial<DrainRequest> = {},
        onProgress: (stop: () => void) => unknown = () => undefined,
      ): Promise<readonly DrainEvent[]> => {
        const over = new AbortController();
        const found: DrainEvent[] = [];
        const request = {
          target: n1,
          policy: aDrainPolicy(),
          startedAt: Date.now(),
          deadline: Date.now() + 10 * minute,
          last: [],
          force: false,
          ...wish,
        };
        for await (const event of cluster.drain(request, over.signal)) {
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
        await cluster.cordon(n1, owner);
        expect(await ends()).toEqual([{ kind: 'drained', pods: expect.any(Number) }]);
      });

      it('is superseded on another boot, another machine, and a node that is gone', async () => {
        await cluster.cordon(n1, owner);
        for (const target of [past(n1), otherMachine(n1), { ...n1, node: 'nowhere' }])
          expect(await ends({ target })).toEqual([{ kind: 'superseded' }]);
      });

      it('does not begin on a node that takes pods', async () => {
        expect(await ends()).toEqual([uncordoned]);
      });

      describe('of a node with a pod that stays', () => {
        beforeEach(async () => {
          await cluster.cordon(n1, owner);
          await world.addWorkload('n1', { kind: 'ReplicaSet', name: 'alone', replicas: 1, ready: 1 });
        });

        it('ends when the node has booted', async () => {
          expect(await ends({}, () => world.setBoot('n1', 'boot-2'))).toEqual([{ kind: 'superseded' }]);
        });

        it('ends when somebody uncordons the node', async () => {
          expect(await ends({}, () => world.uncordonAsOther('n1'))).toEqual([uncordoned]);
        });

        it('ends without an event when it is stopped', async () => {
          expect(await ends({}, (stop) => stop())).toEqual([]);
        });
      });
    });

    describe('workloads', () => {
      const there: readonly WorkloadWish[] = [
        { kind: 'Deployment', name: 'cart', replicas: 3, ready: 2 },
        { kind: 'ReplicaSet', name: 'alone', replicas: 1, ready: 1 },
        { kind: 'ReplicationController', name: 'old', replicas: 1, ready: 0 },
        { kind: 'StatefulSet', name: 'pg', replicas: 3, ready: 3 },
        { kind: 'DaemonSet', name: 'exporter', replicas: 1, ready: 1 },
        { kind: 'Job', name: 'nightly', replicas: 1, ready: 1 },
      ];

      it('with a pod on the node are counted by those who count them, wherever their pods are; DaemonSets and Jobs are none', async () => {
        for (const workload of there) await world.addWorkload('n1', workload);
        const found = await cluster.workloadsOn('n1');
        expect(found.toSorted((one, other) => (one.kind < other.kind ? -1 : 1))).toEqual([
          { kind: 'Deployment', namespace: 'default', name: 'cart', ready: 2 },
          { kind: 'ReplicaSet', namespace: 'default', name: 'alone', ready: 1 },
          { kind: 'ReplicationController', namespace: 'default', name: 'old', ready: 0 },
          { kind: 'StatefulSet', namespace: 'default', name: 'pg', ready: 3 },
        ]);
        for (const workload of there) await world.removeWorkload(workload);
      });

      it('are none on a node without pods', async () => {
        expect(await cluster.workloadsOn('n1')).toEqual([]);
      });
    });

    describe('cordoning', () => {
      it('cordons a schedulable node and puts the owner on it', async () => {
        expect(await cluster.cordon(n1, owner)).toBe('us');
        expect(await nodeNow()).toMatchObject({ unschedulable: true, cordonedBy: owner });
      });

      it('says "us" again when a crash came between the cordon and its record', async () => {
        await cluster.cordon(n1, owner);
        expect(await cluster.cordon(n1, owner)).toBe('us');
      });

      it('leaves the cordon of somebody else to them', async () => {
        await world.cordonAsOther('n1');
        expect(await cluster.cordon(n1, owner)).toBe('other');
        expect((await nodeNow())?.cordonedBy).toBeUndefined();
      });

      it('leaves the cordon of another Reboot to it', async () => {
        await cluster.cordon(n1, owner);
        expect(await cluster.cordon(n1, 'n1-other')).toBe('other');
        expect(await nodeNow()).toMatchObject({ cordonedBy: owner });
      });

      it('changes nothing at another boot', async () => {
        expect(await cluster.cordon(past(n1), owner)).toBe('wrong-boot');
        expect(await nodeNow()).toMatchObject({ unschedulable: false });
      });

      it('changes nothing on another machine of the same name', async () => {
        expect(await cluster.cordon(otherMachine(n1), owner)).toBe('gone');
        expect(await nodeNow()).toMatchObject({ unschedulable: false });
      });

      it('says that a node is gone', async () => {
        await world.removeNode('n1');
        expect(await cluster.cordon(n1, owner)).toBe('gone');
      });
    });

    describe('uncordoning', () => {
      it('uncordons what the owner cordoned, and leaves no trace', async () => {
        await cluster.cordon(n1, owner);
        expect(await cluster.uncordon(n1, owner)).toBe('done');
        expect(await nodeNow()).toMatchObject({ unschedulable: false });
        expect((await nodeNow())?.cordonedBy).toBeUndefined();
      });

      it('uncordons at the new boot what it cordoned at the old one', async () => {
        await cluster.cordon(n1, owner);
        await world.setBoot('n1', 'boot-2');
        expect(await cluster.uncordon({ ...n1, bootId: 'boot-2' }, owner)).toBe('done');
        expect(await nodeNow()).toMatchObject({ unschedulable: false });
      });

      it('keeps a node cordoned that somebody else had cordoned', async () => {
        await world.cordonAsOther('n1');
        await cluster.cordon(n1, owner);
        expect(await cluster.uncordon(n1, owner)).toBe('kept');
        expect(await nodeNow()).toMatchObject({ unschedulable: true });
      });

      it('keeps the cordon of another Reboot', async () => {
        await cluster.cordon(n1, 'n1-other');
        expect(await cluster.uncordon(n1, owner)).toBe('kept');
        expect(await nodeNow()).toMatchObject({ unschedulable: true, cordonedBy: 'n1-other' });
      });

      it('changes nothing at another boot', async () => {
        await cluster.cordon(n1, owner);
        expect(await cluster.uncordon(past(n1), owner)).toBe('wrong-boot');
        expect(await nodeNow()).toMatchObject({ unschedulable: true, cordonedBy: owner });
      });

      it('takes its mark off a node that somebody else has uncordoned', async () => {
        await cluster.cordon(n1, owner);
        await world.uncordonAsOther('n1');
        expect(await cluster.uncordon(n1, owner)).toBe('done');
        expect((await nodeNow())?.cordonedBy).toBeUndefined();
      });

      it('has nothing to do on a schedulable node that wears the mark of another Reboot', async () => {
        await cluster.cordon(n1, 'n1-other');
        await world.uncordonAsOther('n1');
        expect(await cluster.uncordon(n1, owner)).toBe('done');
        expect(await nodeNow()).toMatchObject({ unschedulable: false, cordonedBy: 'n1-other' });
      });

      it('says "done" when it is told twice', async () => {
        await cluster.cordon(n1, owner);
        await cluster.uncordon(n1, owner);
        expect(await cluster.uncordon(n1, owner)).toBe('done');
      });

      it('says that a node is gone', async () => {
        await world.removeNode('n1');
        expect(await cluster.uncordon(n1, owner)).toBe('gone');
      });
    });

    describe('a reboot that is asked for by annotation', () => {
      it('is seen with its reason, and taken away once', async () => {
        expect(await nodeNow()).not.toHaveProperty('requested');
        await world.requestAsOther('n1', 'new firmware');
        expect(await nodeNow()).toMatchObject({ requested: 'new firmware' });
        expect(await cluster.takeRequest(n1, { requested: 'new firmware' })).toBe('done');
        expect(await nodeNow()).not.toHaveProperty('requested');
        expect(await cluster.takeRequest(n1, { requested: 'new firmware' })).toBe('done');
      });
      it('stays when it has been given another reason since', async () => {
        await world.requestAsOther('n1', 'new disk');
        expect(await cluster.takeRequest(n1, { requested: 'new firmware' })).toBe('kept');
        const named = { requested: 'new disk', requestedBy: 'mia' };
        expect(await cluster.takeRequest(n1, named)).toBe('kept');
        expect(await nodeNow()).toMatchObject({ requested: 'new disk' });
      });
      it('is taken away with the name beside it', async () => {
        const name = await world.requestAsOther('n1', 'new firmware', 'in their own name');
        expect(await nodeNow()).toMatchObject({ requested: 'new firmware', requestedBy: name });
        expect(await cluster.takeRequest(n1, { requested: 'new firmware', requestedBy: name })).toBe('done');
        expect(await nodeNow()).not.toHaveProperty('requestedBy');
      });
      it('stays at another boot', async () => {
        await world.requestAsOther('n1', '');
        expect(await cluster.takeRequest(past(n1), { requested: '' })).toBe('wrong-boot');
        expect(await cluster.takeRequest(otherMachine(n1), { requested: '' })).toBe('gone');
        expect(await nodeNow()).toMatchObject({ requested: '' });
      });
    });

    describe('what a node wears for other tools', () => {
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
        const before = await nodeNow();
        expect(await cluster.mark(n1, () => wanted)).toBe('done');
        expect(await nodeNow()).toMatchObject({
          marks: labelsAndAnnotations,
          labels: { role: 'resting', 'example.com/maintenance': 'true' },
          hookAnnotations: { 'cluster-autoscaler.kubernetes.io/scale-down-disabled': 'true' },
        });
        expect(await cluster.mark(n1, () => wanted)).toBe('done');
        expect(await cluster.mark(n1, () => noManagedLabels)).toBe('done');
        expect(await nodeNow()).toEqual(before);
      });

      it('notes the annotations that it replaces, whole, and puts them back', async () => {
        const theirs = {
          'example.com/hold': `by "mia"\n${'x'.repeat(600)}`,
          'example.com/book': 'x'.repeat(5_000),
        };
        const ours = { 'example.com/hold': 'by tugboot', 'example.com/book': 'closed' };
        await cluster.mark(n1, () => ({ ...noManagedLabels, lastingAnnotations: theirs }));
        for (let time = 0; time < 2; time += 1) {
          await cluster.mark(n1, () => ({ ...noManagedLabels, annotations: ours }));
          const put = { 'example.com/hold': { put: 'by tugboot', was: theirs['example.com/hold'] } };
          // A value that is too long to be recorded is not overwritten.
          expect((await nodeNow())?.marks?.annotations).toEqual(put);
          await cluster.mark(n1, () => noManagedLabels);
          expect((await nodeNow())?.marks).toBeUndefined();
        }
      });

      it('tells of the drain in conditions that name the Reboot, and takes them away again', async () => {
        const before = await nodeNow();
        for (const drained of [false, true]) {
          const drain = { reboot: owner, drained };
          expect(await cluster.mark(n1, () => ({ ...noManagedLabels, drain }))).toBe('done');
          expect((await nodeNow())?.marks).toEqual({ waiting: false, labels: {}, drain });
        }
        expect(await cluster.mark(past(n1), () => noManagedLabels)).toBe('wrong-boot');
        expect(await cluster.mark(otherMachine(n1), () => noManagedLabels)).toBe('gone');
        expect(await cluster.mark(n1, () => noManagedLabels)).toBe('done');
        expect(await nodeNow()).toEqual(before);
      });

      it('is seen by the watch too', async () => {
        await cluster.mark(n1, () => wanted);
        await world.settled();
        expect(cluster.nodes()).toEqual([await nodeNow()]);
      });

      it('follows the node as it is read for the write', async () => {
        const whenCordoned = ({ unschedulable }: NodeView): WantedLabels =>
          unschedulable ? wanted : noManagedLabels;
        await cluster.mark(n1, whenCordoned);
        expect((await nodeNow())?.marks).toBeUndefined();
        await world.cordonAsOther('n1');
        await cluster.mark(n1, whenCordoned);
        expect((await nodeNow())?.marks).toEqual(labelsAndAnnotations);
        await world.uncordonAsOther('n1');
        await cluster.mark(n1, whenCordoned);
        expect((await nodeNow())?.marks).toBeUndefined();
      });

      it('is left alone with the cordon, and the cordon with it', async () => {
        await cluster.cordon(n1, owner);
        await cluster.mark(n1, () => wanted);
        await cluster.uncordon(n1, owner);
        expect(await nodeNow()).toMatchObject({ unschedulable: false, marks: labelsAndAnnotations });
        await cluster.cordon(n1, owner);
        await cluster.mark(n1, () => noManagedLabels);
        expect(await nodeNow()).toMatchObject({ unschedulable: true, cordonedBy: owner });
      });

      it('keeps what lasts', async () => {
        const lastReboot = '2026-11-22T12:00:00.000Z';
        await cluster.mark(n1, () => wanted);
        await cluster.mark(n1, () => ({ ...noManagedLabels, lasting: { role: 'rested' }, lastReboot }));
        await cluster.mark(n1, () => noManagedLabels);
        expect(await nodeNow()).toMatchObject({
          labels: { role: 'rested' },
          marks: { waiting: false, labels: {}, lastReboot },
        });
      });

      it('does not change at another boot, on another machine, or when it is not owed any more', async () => {
        expect(await cluster.mark(past(n1), () => wanted)).toBe('wrong-boot');
        expect(await cluster.mark(otherMachine(n1), () => wanted)).toBe('gone');
        expect(
          await cluster.mark(
            n1,
            () => wanted,
            async () => false,
          ),
        ).toBe('not-owed');
        expect((await nodeNow())?.marks).toBeUndefined();
      });
    });

    describe('agents and orders', () => {
      beforeEach(async () => {
        await cluster.ensureAgent({ name: 'n1', uid: n1.uid });
      });

      it('makes one agent object for a node, however often it is asked', async () => {
        expect(await cluster.ensureAgent({ name: 'n1', uid: n1.uid })).toBe('exists');
        expect((await cluster.observe('n1')).agent).toEqual({ node: 'n1' });
      });

      it('makes none for a node that is gone', async () => {
        expect(await cluster.ensureAgent({ name: 'nowhere', uid: 'u' })).toBe('node-gone');
      });

      it('makes none for another machine of the same name', async () => {
        const { node: name, uid } = otherMachine(n1);
        expect(await cluster.ensureAgent({ name, uid })).toBe('node-gone');
      });

      it('makes the object that an order needs', async () => {
        const n2 = await world.addNode('n2');
        expect(await cluster.order(n2)).toBe('ordered');
        expect((await cluster.observe('n2')).agent).toEqual({ node: 'n2', endBoot: n2.bootId });
      });

      it('orders the end of a boot by its name, and again without harm', async () => {
        expect(await cluster.order(n1)).toBe('ordered');
        expect(await cluster.order(n1)).toBe('ordered');
        expect((await cluster.observe('n1')).agent).toMatchObject({ endBoot: n1.bootId });
      });

      it('orders nothing at another boot', async () => {
        expect(await cluster.order(past(n1))).toBe('wrong-boot');
        expect((await cluster.observe('n1')).agent?.endBoot).toBeUndefined();
      });

      it('orders nothing on another machine of the same name', async () => {
        expect(await cluster.order(otherMachine(n1))).toBe('gone');
        expect((await cluster.observe('n1')).agent?.endBoot).toBeUndefined();
      });

      it('withdraws an order, and says "done" when there is none', async () => {
        await cluster.order(n1);
        expect(await cluster.withdrawOrder('n1')).toBe('done');
        expect((await cluster.observe('n1')).agent?.endBoot).toBeUndefined();
        expect(await cluster.withdrawOrder('n1')).toBe('done');
      });

      it('cannot withdraw what is gone', async () => {
        expect(await cluster.withdrawOrder('nowhere')).toBe('gone');
      });
    });

    describe('what cannot be known about a node', () => {
      const first = { about: ['kernel'], since: '2026-11-22T12:00:00.000Z' };
      const told = { ...first, told: true };

      it('is noted on its agent, replaced and taken away', async () => {
        await cluster.ensureAgent({ name: 'n1', uid: n1.uid });
        expect(await cluster.writeNote('n1', undefined, first)).toBe('done');
        expect((await cluster.observe('n1')).agent?.doubt).toEqual(first);
        expect(await cluster.writeNote('n1', first, told)).toBe('done');
        expect((await cluster.observe('n1')).agent?.doubt).toEqual(told);
        expect(await cluster.writeNote('n1', told, undefined)).toBe('done');
        expect((await cluster.observe('n1')).agent?.doubt).toBeUndefined();
      });

      it('stands beside what else is noted of it', async () => {
        await cluster.ensureAgent({ name: 'n1', uid: n1.uid });
        await cluster.writeNote('n1', undefined, first);
        const other = { about: ['locksmithd'], since: first.since };
        expect(await cluster.writeNote('n1', undefined, other, 'rebooters')).toBe('done');
        expect((await cluster.observe('n1')).agent).toMatchObject({ doubt: first, rebooters: other });
        expect(await cluster.writeNote('n1', first, undefined)).toBe('done');
        expect(await cluster.writeNote('n1', undefined, undefined, 'rebooters')).toBe('conflict');
        expect((await cluster.observe('n1')).agent?.rebooters).toEqual(other);
      });

      it('is read of all agents at once', async () => {
        await cluster.ensureAgent({ name: 'n1', uid: n1.uid });
        await cluster.writeNote('n1', undefined, first);
        const agents = await cluster.freshAgents();
        expect(agents.find(({ node }) => node === 'n1')?.doubt).toEqual(first);
      });

      it('is not noted over what somebody else has noted since', async () => {
        await cluster.ensureAgent({ name: 'n1', uid: n1.uid });
        await cluster.writeNote('n1', undefined, told);
        expect(await cluster.writeNote('n1', undefined, first)).toBe('conflict');
        expect(await cluster.writeNote('n1', first, undefined)).toBe('conflict');
        expect((await cluster.observe('n1')).agent?.doubt).toEqual(told);
        expect(await cluster.writeNote('nowhere', undefined, first)).toBe('gone');
      });
    });

    describe('telling other tools', () => {
      it('marks a node that needs a reboot, and takes the mark back', async () => {
        expect(await cluster.markRebootRequired(n1, 'True', 'linux-image-6.8.0-49')).toBe('done');
        expect(await nodeNow()).toMatchObject({ rebootRequired: 'True' });
        expect(await cluster.markRebootRequired(n1, 'False', '')).toBe('done');
        expect(await nodeNow()).toMatchObject({ rebootRequired: 'False' });
      });

      it('marks nothing at another boot', async () => {
        expect(await cluster.markRebootRequired(past(n1), 'True', '')).toBe('wrong-boot');
        expect((await nodeNow())?.rebootRequired).toBeUndefined();
      });

      it('writes an Event once, however often it is told', async () => {
        const event: ClusterEvent = {
          node: 'n1',
          nodeUid: n1.uid,
          key: `${owner}/cordoned`,
          type: 'Normal',
          reason: 'Cordoned',
          note: 'Cordoned for a reboot that mia approved.',
          at: '2026-11-22T12:00:00.000Z',
        };
        await cluster.record(event);
        await cluster.record(event);
        await cluster.record({ ...event, key: `${owner}/drained`, reason: 'Drained' });
        const reasons = (await world.eventsOf('n1')).map((told) => told.reason);
        expect(reasons.toSorted()).toEqual(['Cordoned', 'Drained']);
      });

      it('writes it on the Reboot as well, where it is about one', async () => {
        const told = { name: owner, uid: 'uid-of-the-reboot' };
        await cluster.record({
          node: 'n1',
          nodeUid: n1.uid,
          reboot: told,
          key: `${owner}/drained`,
          type: 'Normal',
          reason: 'Drained',
          note: 'Drained of 14 pods.',
          at: '2026-11-22T12:00:00.000Z',
        });
        for (const name of ['n1', owner])
          expect((await world.eventsOf(name)).map(({ reason }) => reason)).toEqual(['Drained']);
      });
    });
  });
}
