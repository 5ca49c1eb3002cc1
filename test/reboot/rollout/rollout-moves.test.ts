/**
 * A rollout that is halted while the edges of its stages move: they follow from the size of the pool and from
 * its policy.
 */
import { describe, expect, it } from 'vitest';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import type { Approved, Reboot } from '../../../src/reboot/state/reboot.ts';
import { gateCheck } from '../../../src/reboot/state/stored-blockers.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { rolloutHalted } from '../../../src/reboot/nodes/workloads.ts';
import { aNode, aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const cart = { kind: 'Deployment', namespace: 'shop', name: 'cart', ready: 3 } as const;
const person = aPerson();
const caller = { person, channel: 'C0OPS' };
const policyWith = (rollout: Partial<NonNullable<PoolPolicy['rollout']>> = {}) =>
  aPolicy({
    pools: [
      aPool({
        settleTime: 5 * second,
        rollout: { canary: 1, bake: minute, batches: [10, 100], ...rollout },
      }),
    ],
  });

const of = (house: FakeHouse, node: string): Reboot => {
  const found = house.store.all().find((reboot) => reboot.node.name === node);
  if (!found) throw new Error(`no reboot of ${node}`);
  return found;
};
const asks = async (house: FakeHouse, node: string): Promise<void> => {
  const { name, need } = await house.sentinel({ name: node, uid: `uid-${node}` });
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, person);
  await house.settle();
};
const done = async (house: FakeHouse, node: string): Promise<void> => {
  await house.boots(node);
  await house.pass(6 * second);
};
const grow = (house: FakeHouse, from: number, to: number): void => {
  for (let nth = from; nth <= to; nth += 1)
    house.cluster.addNode(aNode({ name: `n${nth}`, uid: `uid-n${nth}` }), {});
};

/** Of twenty nodes two are done, as their tenth wants it; n3 has been told that it is halted. */
async function haltedAfterTheTenth(): Promise<FakeHouse> {
  const house = fakeHouse(policyWith());
  house.cluster.workloads = [cart];
  for (const node of ['n1', 'n2', 'n3', 'n4']) await asks(house, node);
  grow(house, 5, 20);
  await done(house, 'n1');
  await house.pass(minute);
  await done(house, 'n2');
  const halted = rolloutHalted('workers', [{ ...cart, node: 'n1' }], [{ ...cart, ready: 1, wanted: 3 }]);
  const ask = house.gatekeeper.ask.bind(house.gatekeeper);
  // As the real one: it halts whoever comes with something to compare.
  house.gatekeeper.ask = async (question) => [
    ...(await ask(question)),
    ...(halted && (question.before ?? []).length > 0 ? [halted] : []),
  ];
  await house.pass(minute);
  expect(of(house, 'n3').state).toMatchObject({ blockers: [{ code: 'rollout-halted' }] });
  return house;
}

describe('a rollout that is halted', () => {
  it.each<[string, (house: FakeHouse) => void]>([
    ['its pool has grown', (house) => grow(house, 21, 40)],
    ['its canary is made larger', (house) => house.policy(policyWith({ canary: 3 }))],
    ['its canary takes the whole pool', (house) => house.policy(policyWith({ canary: 20 }))],
    ['its batches are others', (house) => house.policy(policyWith({ batches: [50, 100] }))],
  ])('stays halted when %s', async (_, changes) => {
    const house = await haltedAfterTheTenth();
    changes(house);
    await house.pass(minute);
    expect(of(house, 'n3').state.phase).toBe('Approved');
    expect(of(house, 'n4').state.phase).toBe('Approved');
  });

  it.each<[string, (house: FakeHouse) => Promise<unknown>]>([
    [
      'was paused meanwhile, which takes back what was told',
      async (house) => {
        await house.service.pause({ what: 'workers' }, caller);
        await house.pass(minute);
        expect(gateCheck(of(house, 'n3').state as Approved)).toBeUndefined();
        await house.service.resume('workers', caller);
      },
    ],
    [
      'lost the one that was told',
      (house) => house.service.decide(of(house, 'n3').name, { kind: 'cancel' }, person),
    ],
  ])('and grows stays halted although it %s', async (_, happens) => {
    const house = await haltedAfterTheTenth();
    await house.pass(5 * minute);
    grow(house, 21, 40);
    await happens(house);
    await house.service.resync();
    await house.pass(minute);
    expect(house.store.all().filter(({ state }) => state.phase === 'Rebooting')).toEqual([]);
  });
});

describe('a rollout that goes on inside a stage', () => {
  it('is compared when it has stood still for as long as a stage is watched: much may have happened since', async () => {
    const house = fakeHouse(policyWith({ bake: 10 * minute, batches: [100] }));
    house.cluster.workloads = [cart];
    for (const node of ['n1', 'n2', 'n3']) await asks(house, node);
    grow(house, 4, 20);
    await done(house, 'n1');
    await house.pass(10 * minute);
    await house.service.pause({ what: 'workers' }, caller);
    await done(house, 'n2');
    await house.pass(20 * minute);
    await house.service.resume('workers', caller);
    await house.service.resync();
    await house.settle();
    expect(house.gatekeeper.questions.at(-1)).toMatchObject({
      node: { name: 'n3' },
      before: [{ ...cart, node: 'n1' }],
    });
    expect(of(house, 'n3').state.phase).toBe('Rebooting');
  });
});
