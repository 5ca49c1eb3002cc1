import type { V1Affinity, V1Node, V1NodeSelectorRequirement } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Received } from '../../../src/k8s/api/received.ts';
import { fits, placeOf, type Place, type PodConstraints } from '../../../src/k8s/placement/placement.ts';
import type { BootTarget } from '../../../src/reboot/nodes/observation.ts';
import type { DrainEvent } from '../../../src/reboot/ports/cluster/drains.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy } from '../../fakes/builders.ts';
import { installation } from '../world/api.ts';
import { makeDrainWorld, type KubeDrainWorld } from '../world/drain-world.ts';

const aPlace = (overrides: Partial<Place> = {}): Place => ({
  name: 'n2',
  labels: {},
  taints: [],
  ...overrides,
});
const controlPlane = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };
const wants = (...expressions: Received<V1NodeSelectorRequirement>[]): Received<V1Affinity> => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: expressions }],
    },
  },
});

describe('whether a node would take a pod', () => {
  it.each<
    [what: string, spec: NonNullable<PodConstraints['spec']>, place: Partial<Place>, expected: boolean]
  >([
    ['any node takes a pod that asks for nothing', {}, {}, true],
    ['a taint keeps it away', {}, { taints: [controlPlane] }, false],
    [
      'a taint that it tolerates does not',
      { tolerations: [{ key: controlPlane.key, operator: 'Exists' }] },
      { taints: [controlPlane] },
      true,
    ],
    [
      'who tolerates everything goes everywhere',
      { tolerations: [{ operator: 'Exists' }] },
      { taints: [controlPlane] },
      true,
    ],
    [
      'a toleration is for one value',
      { tolerations: [{ key: 'team', value: 'a' }] },
      { taints: [{ key: 'team', value: 'b', effect: 'NoSchedule' }] },
      false,
    ],
    [
      'and for one effect',
      { tolerations: [{ key: 'team', operator: 'Exists', effect: 'NoSchedule' }] },
      { taints: [{ key: 'team', effect: 'NoExecute' }] },
      false,
    ],
    [
      'one with an end is no home',
      { tolerations: [{ operator: 'Exists', tolerationSeconds: 300 }] },
      { taints: [{ key: 'x', effect: 'NoExecute' }] },
      false,
    ],
    ['a wish of the node does not count', {}, { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] }, true],
    ['a node selector holds', { nodeSelector: { disk: 'fast' } }, { labels: { disk: 'slow' } }, false],
    ['and is met', { nodeSelector: { disk: 'fast' } }, { labels: { disk: 'fast' } }, true],
    [
      'required affinity: In',
      { affinity: wants({ key: 'zone', operator: 'In', values: ['a'] }) },
      { labels: { zone: 'b' } },
      false,
    ],
    [
      'required affinity: NotIn is true of what is absent',
      { affinity: wants({ key: 'zone', operator: 'NotIn', values: ['a'] }) },
      {},
      true,
    ],
    ['required affinity: Exists', { affinity: wants({ key: 'zone', operator: 'Exists' }) }, {}, false],
    [
      'required affinity: DoesNotExist',
      { affinity: wants({ key: 'zone', operator: 'DoesNotExist' }) },
      {},
      true,
    ],
    [
      'required affinity: Gt',
      { affinity: wants({ key: 'cores', operator: 'Gt', values: ['4'] }) },
      { labels: { cores: '8' } },
      true,
    ],
    [
      'required affinity: Lt of what is absent is false',
      { affinity: wants({ key: 'cores', operator: 'Lt', values: ['4'] }) },
      {},
      false,
    ],
    ['required affinity: a term of nothing matches nothing', { affinity: wants() }, {}, false],
  ])('%s', (_what, spec, place, expected) => {
    expect(fits({ spec }, aPlace(place))).toBe(expected);
  });

  it.each<[what: string, node: Received<V1Node>]>([
    [
      'cordoned',
      { spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }] } },
    ],
    ['not Ready', { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }],
    ['too new to say', {}],
  ])('is no, whatever the pod, where the node is %s', (_what, node) => {
    expect(placeOf(node)).toBeUndefined();
  });
});

const hostname = (node: string): Record<string, string> => ({ 'kubernetes.io/hostname': node });

describe('a drain with its own pods on the node', () => {
  let world: KubeDrainWorld;
  let n1: BootTarget;
  beforeEach(async () => {
    world = await makeDrainWorld();
    n1 = await world.addNode('n1', hostname('n1'));
    await world.cluster.cordon(n1, 'r1');
    await world.addPod('n1', 'web-0');
    await world.addPod('n1', 'tugboot-bot-0');
  });
  afterEach(() => world.close());

  /** Bound to the claim `data`, on a disk of that node. */
  async function volumeOn(node: string): Promise<void> {
    const size = { storage: '1Gi' };
    const required = {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
      ],
    };
    for (const [path, body] of [
      [
        '/api/v1/persistentvolumes',
        {
          apiVersion: 'v1',
          kind: 'PersistentVolume',
          metadata: { name: 'pv-data' },
          spec: {
            capacity: size,
            accessModes: ['ReadWriteOnce'],
            local: { path: '/d' },
            nodeAffinity: { required },
          },
        },
      ],
      [
        `/api/v1/namespaces/${installation}/persistentvolumeclaims`,
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'data', namespace: installation },
          spec: { volumeName: 'pv-data', accessModes: ['ReadWriteOnce'], resources: { requests: size } },
        },
      ],
    ] as const)
      await world.ask({ method: 'POST', path, body });
  }

  async function drain(last = ['default/tugboot-bot-0']): Promise<DrainEvent[]> {
    const request = {
      target: n1,
      policy: aDrainPolicy(),
      startedAt: world.now(),
      deadline: world.now() + minute,
      last,
      force: false,
    };
    const events: DrainEvent[] = [];
    for await (const event of world.cluster.drain(request, new AbortController().signal)) events.push(event);
    return events;
  }
  const troubles = (events: readonly DrainEvent[]): readonly string[] =>
    events.flatMap((event) => (event.kind === 'progress' ? event.progress.trouble : []));

  it('lets them stay where no other node would take them, says so, and is done without them', async () => {
    const events = await drain();
    expect(events.at(-1)).toEqual({ kind: 'drained', pods: 1 });
    expect(await world.podsOn('n1')).toEqual(['tugboot-bot-0']);
    expect(troubles(events)).toContain(
      'default/tugboot-bot-0 stays: no other node would take it. It goes down with this one and comes back with it.',
    );
  });

  it('lets them stay where every other node is cordoned or down', async () => {
    await world.addNode('n2', hostname('n2'));
    await world.cordonAsOther('n2');
    await world.addNode('n3');
    await world.setReady('n3', false);
    await drain();
    expect(await world.podsOn('n1')).toEqual(['tugboot-bot-0']);
  });

  it('lets them stay where their volume is on a disk of the node', async () => {
    await world.addNode('n2', hostname('n2'));
    await world.addPod('n1', 'tugboot-redis-0', { claim: 'data', namespace: installation });
    await volumeOn('n1');
    await drain(['default/tugboot-bot-0', `${installation}/tugboot-redis-0`]);
    expect(await world.podsOn('n1')).toEqual(['tugboot-redis-0']);
  });

  it('moves them where their volume can go', async () => {
    await world.addNode('n2', hostname('n2'));
    await world.addPod('n1', 'tugboot-redis-0', { claim: 'data', namespace: installation });
    await volumeOn('n2');
    await drain(['default/tugboot-bot-0', `${installation}/tugboot-redis-0`]);
    expect(await world.podsOn('n1')).toEqual([]);
  });

  it('moves them where another node would take them', async () => {
    await world.addNode('n2', hostname('n2'));
    expect((await drain()).at(-1)).toEqual({ kind: 'drained', pods: 2 });
    expect(await world.podsOn('n1')).toEqual([]);
  });
});
