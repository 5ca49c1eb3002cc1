/** The gates that the cluster itself answers, on the demo's API. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kubeGatekeeper } from '../../src/k8s/gatekeeper.ts';
import type { GatesPolicy } from '../../src/reboot/policy/pool-gates.ts';
import type { Approved } from '../../src/reboot/state/reboot.ts';
import { day, minute } from '../../src/reboot/time/time.ts';
import { aNode, aPool, aReboot, at, noon } from '../fakes/builders.ts';
import { type ApiWorld, startApiWorld } from './world/api.ts';
import { handOf } from './world/hand.ts';

describe('before a node may start, the cluster is asked', () => {
  let world: ApiWorld;
  beforeEach(async () => {
    world = await startApiWorld();
  });
  afterEach(() => world.close());

  const pod = (name: string, labels: Record<string, string>, more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels,
      ...('owner' in more ? { ownerReferences: [more.owner] } : {}),
    },
    spec: { nodeName: 'w1', containers: [{ name: 'main', image: 'pause' }] },
  });
  const create = (path: string, body: unknown) => handOf(world.admin).ask({ method: 'POST', path, body });
  const pods = '/api/v1/namespaces/default/pods';
  const ready = async (name: string): Promise<void> => {
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    const path = `${pods}/${name}/status`;
    await handOf(world.admin).ask({ method: 'PATCH', path, patch: 'merge', body: { status } });
  };
  const ask = (gates: Partial<GatesPolicy>, controlPlane = false, now = noon, jobs?: Approved['jobs']) =>
    kubeGatekeeper({ client: world.admin, clock: { now: () => now } }).ask({
      pool: aPool({ gates: { ...aPool().gates, ...gates } }),
      node: aNode({ name: 'w1' }),
      reboot: aReboot({
        state: {
          phase: 'Approved',
          since: at(0),
          decision: { mode: 'now', at: at(0), digest: 'd', riskDigest: 'r', approvals: [] },
          ...(jobs ? { jobs } : {}),
        },
        facts: { ...aReboot().facts, controlPlane },
      }),
    });

  it('and nothing is in the way where nothing is asked for', async () => {
    await create(pods, pod('busy', { app: 'ci' }));
    expect(await ask({})).toEqual([]);
  });

  it('a pod on it that matches a blocking selector is named, until it has finished', async () => {
    await create(pods, pod('build-7', { app: 'ci' }));
    expect(await ask({ blockingPods: ['app=ci', 'app=other'] })).toMatchObject([
      { code: 'pods-in-the-way', sentence: 'A pod on it must not be disturbed: default/build-7 (app=ci).' },
    ]);
    const path = `${pods}/build-7/status`;
    const body = { status: { phase: 'Succeeded' } };
    await handOf(world.admin).ask({ method: 'PATCH', path, patch: 'merge', body });
    expect(await ask({ blockingPods: ['app=ci'] })).toEqual([]);
  });

  it('a pod that asks to be left alone is named with its annotation, until it asks no more', async () => {
    const annotated = (name: string, annotations: object, more: object = {}) => {
      const { metadata, ...rest } = pod(name, {}, more);
      return { ...rest, metadata: { ...metadata, annotations } };
    };
    const stay = 'karpenter.sh/do-not-disrupt';
    await create(pods, annotated('train-1', { [stay]: 'true' }));
    await create(pods, annotated('train-2', { [stay]: 'false', 'shop.example/keep': '' }));
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'proxy', uid: 'u', controller: true };
    await create(pods, annotated('proxy', { [stay]: 'true' }, { owner }));
    expect(await ask({ podAnnotations: [] })).toEqual([]);
    expect(await ask({ podAnnotations: [`${stay}=true`] })).toMatchObject([
      {
        code: 'pods-ask-to-stay',
        sentence: 'A pod on it asks to be left alone: default/train-1 (karpenter.sh/do-not-disrupt: true).',
      },
    ]);
    expect(await ask({ podAnnotations: [`${stay}=true`, 'shop.example/keep'] })).toMatchObject([
      { sentence: expect.stringMatching(/^2 pods on it ask .*default\/train-2 \(shop\.example\/keep\)/) },
    ]);
    const body = { metadata: { annotations: { [stay]: null } } };
    await handOf(world.admin).ask({ method: 'PATCH', path: `${pods}/train-1`, patch: 'merge', body });
    expect(await ask({ podAnnotations: [`${stay}=true`] })).toEqual([]);
  });

  it('pods that are not ready count anywhere, up to what is allowed', async () => {
    await create(pods, pod('pg-0', { app: 'pg' }));
    await create(pods, pod('pg-1', { app: 'pg' }));
    const healthyPods = [{ selector: 'app=pg', namespace: 'default', mostNotReady: 1 }];
    expect(await ask({ healthyPods })).toMatchObject([
      {
        code: 'pods-unhealthy',
        sentence:
          '2 pods of app=pg in default are pending or not ready, and 1 may be: default/pg-0, default/pg-1.',
      },
    ]);
    await ready('pg-0');
    expect(await ask({ healthyPods })).toEqual([]);
  });

  it('Jobs on it are waited for, and not for ever', async () => {
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'nightly', uid: 'u', controller: true };
    await create(pods, pod('nightly-x', {}, { owner }));
    const waitForJobs = 10 * minute;
    expect(await ask({ waitForJobs })).toMatchObject([
      { code: 'jobs-running', sentence: expect.stringContaining('default/nightly-x') },
    ]);
    const began = noon + day;
    const jobs = { waited: 4 * minute, since: at(day) };
    expect(await ask({ waitForJobs }, false, began + 6 * minute - 1, jobs)).toHaveLength(1);
    expect(await ask({ waitForJobs }, false, began + 6 * minute, jobs)).toEqual([]);
  });

  it('Jobs on it are waited for today where it was approved yesterday', async () => {
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'nightly', uid: 'u', controller: true };
    await create(pods, pod('nightly-x', {}, { owner }));
    expect(await ask({ waitForJobs: 10 * minute }, false, noon + day)).toMatchObject([
      {
        code: 'jobs-running',
        sentence: expect.stringContaining('up to 10 min from when it could otherwise have started.'),
      },
    ]);
  });

  it('a control-plane node waits for the others to be Ready', async () => {
    const labels = { 'node-role.kubernetes.io/control-plane': '' };
    await create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'cp-2', labels } });
    expect(await ask({}, true)).toMatchObject([
      { code: 'control-plane-unhealthy', sentence: 'Other control-plane nodes are not Ready: cp-2.' },
    ]);
    expect(await ask({}, false)).toEqual([]);
  });

  it('a control-plane node waits for an API server that says it is well, and the failing checks are named', async () => {
    const body =
      '[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/x failed: reason withheld\nreadyz check failed';
    world.api.faults.add({ path: /readyz/, do: { status: 500, body } });
    expect(await ask({}, true)).toMatchObject([
      {
        code: 'control-plane-unhealthy',
        sentence: 'The API server says that it is not well: etcd, poststarthook/x.',
      },
    ]);
  });

  it('what cannot be asked keeps the gate closed, and says so', async () => {
    world.api.faults.add({ verb: 'list', path: /pods/, do: 'reset' });
    expect(await ask({ blockingPods: ['app=ci'] })).toMatchObject([
      { code: 'gate-unreachable', sentence: expect.stringContaining('cannot be told whether it may start') },
    ]);
  });
});
