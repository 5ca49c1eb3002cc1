import { describe, expect, it } from 'vitest';
import { podView, type PodView } from '../../../src/k8s/pods/pod-view.ts';
import { deploymentOf, goingDown, serves, type Standing } from '../../../src/k8s/pods/workload-owners.ts';

const aPod = (overrides: Partial<PodView> = {}): PodView => ({
  ...podView({
    metadata: { namespace: 'shop', name: 'cart-5d8f-x', uid: 'u1' },
    status: { phase: 'Running' },
  }),
  ready: true,
  labels: { 'pod-template-hash': '5d8f' },
  controller: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-5d8f', uid: 'rs' },
  ...overrides,
});
const cart = (ready: number, wants?: number): Standing => ({
  kind: 'Deployment',
  namespace: 'shop',
  name: 'cart',
  ready,
  ...(wants === undefined ? {} : { wants }),
});

describe('the Deployment of a pod', () => {
  it('is the name of its ReplicaSet without the hash that the pod bears', () => {
    expect(deploymentOf(aPod())).toEqual({ kind: 'Deployment', namespace: 'shop', name: 'cart' });
  });

  it.each<[string, Partial<PodView>]>([
    ['no hash', { labels: {} }],
    ['the hash of another ReplicaSet', { labels: { 'pod-template-hash': 'ffff' } }],
    [
      'nothing before the hash',
      { controller: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: '-5d8f', uid: 'rs' } },
    ],
    [
      'a ReplicaSet of another API',
      { controller: { apiVersion: 'x.io/v1', kind: 'ReplicaSet', name: 'cart-5d8f', uid: 'rs' } },
    ],
    [
      'another kind',
      { controller: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'cart-5d8f', uid: 'rs' } },
    ],
  ])('is not known with %s', (_why, overrides) => {
    expect(deploymentOf(aPod(overrides))).toBeUndefined();
  });
});

describe('a pod serves', () => {
  it.each<[string, Partial<PodView>, boolean]>([
    ['when it is ready', {}, true],
    ['not when it is not ready: nothing goes down with it', { ready: false }, false],
    ['not when it is being deleted', { deletesAt: 0 }, false],
    ['not when it has finished', { phase: 'Succeeded' }, false],
    [
      'not for a Job, which begins again',
      { controller: { apiVersion: 'batch/v1', kind: 'Job', name: 'import', uid: 'j' } },
      false,
    ],
    [
      'not when it is of a DaemonSet, which leaves its pod there',
      { controller: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'proxy', uid: 'd' } },
      false,
    ],
  ])('%s', (_when, overrides, is) => {
    expect(serves(aPod(overrides))).toBe(is);
  });

  it('not without a controller: it is lost, which is told as such', () => {
    const { controller: _, ...bare } = aPod();
    expect(serves(bare)).toBe(false);
  });
});

describe('a workload goes down', () => {
  it('when its only replica moves', () => {
    expect(goingDown([aPod()], () => cart(1, 1))).toEqual([
      { workload: 'Deployment shop/cart', wants: 1, ready: 1 },
    ]);
  });

  it('when all of its ready pods move, however many it wants', () => {
    expect(goingDown([aPod(), aPod({ uid: 'u2' })], () => cart(2, 5))).toEqual([
      { workload: 'Deployment shop/cart', wants: 5, ready: 2 },
    ]);
  });

  it('also when its status has not heard yet of the last pod that came', () => {
    expect(goingDown([aPod(), aPod({ uid: 'u2' })], () => cart(1, 2))).toHaveLength(1);
  });

  it('not when another pod is ready elsewhere', () => {
    expect(goingDown([aPod()], () => cart(2, 2))).toEqual([]);
  });

  it('not when none of those that move is ready: it is down already, or held up elsewhere', () => {
    expect(goingDown([aPod({ ready: false })], () => cart(0, 1))).toEqual([]);
  });

  it('is told of each once, and nothing is said of what nobody knows', () => {
    const other = aPod({ namespace: 'lab' });
    const standings = (pod: PodView): Standing | undefined => (pod === other ? undefined : cart(2));
    expect(goingDown([aPod(), other, aPod({ uid: 'u2' })], standings)).toEqual([
      { workload: 'Deployment shop/cart', ready: 2 },
    ]);
  });
});
