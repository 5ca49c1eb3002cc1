/** A start on views that lag: what the watches have not shown yet is read before the turn is taken. */
import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import { matchesPool } from '../../../src/reboot/policy/pools.ts';
import { aNode, aPerson, aPolicy, aPool, at, mia } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const policy = aPolicy({ concurrency: 2, pools: [aPool({ concurrency: 2, maxUnavailable: { count: 1 } })] });

/** The watches have shown all that there is until now, and show nothing any more. */
function freeze({ cluster, pauses }: ServiceHarness): void {
  const seen = cluster.nodes();
  const stored = cluster.nodes.bind(cluster);
  cluster.freshNodes = async (pool) => stored().filter((node) => matchesPool(pool, node));
  cluster.nodes = () => seen;
  const agents = new Map(seen.map(({ name }) => [name, cluster.agent(name)]));
  cluster.agent = (name) => agents.get(name);
  const shown = pauses.all();
  pauses.all = () => shown;
}

async function asked(): Promise<{ readonly harness: ServiceHarness; readonly name: string }> {
  const harness = serviceHarness(policy);
  const { name } = await harness.sentinel({ name: 'w1' });
  harness.cluster.addNode(aNode({ name: 'w2' }));
  freeze(harness);
  return { harness, name };
}

async function approve({ harness, name }: Awaited<ReturnType<typeof asked>>): Promise<void> {
  const { digest } = harness.reboot(name).need;
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
  await harness.settle();
}

const expectNothingBegun = (harness: ServiceHarness): void => {
  expect(harness.store.all().map(({ state }) => state.phase)).toEqual(['Approved']);
  expect(harness.ledger.now().turns).toEqual([]);
  expect(harness.cluster.log.filter((entry) => /^(cordon|drain|order) /.test(entry))).toEqual([]);
};

describe('a start that the watches allow', () => {
  it('begins where nothing has changed since', async () => {
    const setup = await asked();
    await approve(setup);
    expect(setup.harness.reboot(setup.name).state.phase).toBe('Rebooting');
  });

  it.each<[string, Partial<NodeView>]>([
    ['was cordoned', { unschedulable: true }],
    ['is not Ready', { ready: false }],
  ])('is held back where another node of the pool %s since: there is no room', async (_, change) => {
    const setup = await asked();
    Object.assign(setup.harness.cluster.node('w2'), change);
    await approve(setup);
    expectNothingBegun(setup.harness);
  });

  it.each<[string, Partial<NodeView>]>([
    ['is not Ready', { ready: false }],
    ['was paused by its annotation', { paused: 'migration' }],
    ['is about to be removed', { taints: [{ key: 'karpenter.sh/disrupted', effect: 'NoSchedule' }] }],
  ])('is held back where the node itself %s since', async (_, change) => {
    const setup = await asked();
    Object.assign(setup.harness.cluster.node('w1'), change);
    await approve(setup);
    expectNothingBegun(setup.harness);
  });

  it('lapses where packages came since that change the risk, and asks again', async () => {
    const setup = await asked();
    const agent = setup.harness.cluster.agentOf('w1');
    if (agent.report) agent.report = { ...agent.report, kernel: { ...agent.report.kernel, newest: '9.9.9' } };
    await approve(setup);
    const { state, history } = setup.harness.reboot(setup.name);
    expect(state.phase).toBe('Pending');
    expect(history.at(-1)).toMatchObject({ what: 'entered', phase: 'Pending' });
    expect(setup.harness.ledger.now().turns).toEqual([]);
    expect(setup.harness.cluster.log).not.toContain('cordon w1');
  });

  it.each(['cluster', 'pool', 'node'] as const)(
    'is held back where its %s was paused since',
    async (kind) => {
      const setup = await asked();
      const scopes = {
        cluster: { kind: 'cluster' },
        pool: { kind, pool: 'workers' },
        node: { kind, node: 'w1' },
      };
      await setup.harness.pauses.put({ scope: scopes[kind] as never, by: mia, at: at(0) });
      await approve(setup);
      expectNothingBegun(setup.harness);
    },
  );
});
