/** What a rollout of many nodes costs to tell, counted in looks at its records. */
import { expect, it } from 'vitest';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aDecision, aNeed, aNode, aPolicy, aPool, aReboot, at } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const rollout = { canary: 1, bake: minute, batches: [100] };
const by = { kind: 'rule', pool: 'workers' } as const;
const need = aNeed({ kernel: { running: 'a' } });
const cancelled = { phase: 'Cancelled', since: at(-minute), by, from: 'Pending' } as const;
const approved = { phase: 'Approved', since: at(0), decision: aDecision() } as const;

/** How often something of a Reboot is read for `/reboot status workers`; each node has two. */
async function looks(nodes: number): Promise<number> {
  const harness = serviceHarness(aPolicy({ pools: [aPool({ rollout })] }));
  for (let nth = 0; nth < nodes; nth += 1) {
    const node = { name: `n${nth}`, uid: `uid-n${nth}` };
    harness.cluster.addNode(aNode(node), {});
    for (const [again, state] of [cancelled, approved].entries())
      harness.store.put(
        aReboot({ name: `${node.name}-${again}`, node, createdAt: at(again * minute), need, state }),
      );
  }
  let count = 0;
  const get = (reboot: Reboot, key: string | symbol): unknown => {
    count += 1;
    return Reflect.get(reboot, key);
  };
  const all = harness.store.all.bind(harness.store);
  harness.store.all = () => all().map((reboot) => new Proxy(reboot, { get }));
  expect(await harness.service.status('workers')).toMatchObject({ ok: true });
  return count;
}

it('is about twice as much for twice as many nodes', async () => {
  expect(await looks(400)).toBeLessThan(3 * (await looks(200)));
});
