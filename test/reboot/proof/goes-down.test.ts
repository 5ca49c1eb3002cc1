/** An agent that says that it obeys, although no order stands, or that never comes to its end. */
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card/card.ts';
import { replies } from '../../../src/bot/views/answers/replies.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aPerson, aReport, at } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();
const node = 'worker-03';
const obeying = { endBoot: 'boot-1', state: 'obeying', at: at(0) } as const;

async function cancelled(house: FakeHouse): Promise<string> {
  house.cluster.drains([]);
  const { name, need } = await house.sentinel({ name: node });
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, mia);
  await house.settle();
  house.cluster.agentOf(node).report = aReport({ order: obeying });
  await house.service.decide(name, { kind: 'cancel' }, mia);
  await house.settle();
  return name;
}
const shown = (house: FakeHouse, name: string): string => {
  const data = house.chat.shown.get(name);
  return data ? JSON.stringify([card(data), replies(data)]) : '';
};

describe('an agent that says, after a cancel, that its host was asked to reboot', () => {
  it('keeps its node cordoned and its turn until a deadline, and the card says so', async () => {
    const house = fakeHouse();
    const name = await cancelled(house);
    expect(house.cluster.node(node).unschedulable).toBe(true);
    expect(house.ledger.now().turns).toHaveLength(1);
    expect(shown(house, name)).toContain('it stays cordoned until it has booted');
    expect(shown(house, name)).not.toContain('tugboot.skip');
  });

  it('then a person is asked, and Skip lets the pool go on with the node left cordoned', async () => {
    const house = fakeHouse();
    const name = await cancelled(house);
    await house.pass(11 * minute);
    expect(shown(house, name)).toContain('and it does not go down');
    expect(shown(house, name)).toContain('tugboot.skip');
    expect(house.cluster.events.filter(({ reason }) => reason === 'RebootOverdue')).toHaveLength(1);
    await house.service.decide(name, { kind: 'skip' }, mia);
    await house.settle();
    expect(house.reboot(name)).toMatchObject({
      cleanup: { endedAt: expect.any(String), staysCordoned: 'goes-down' },
    });
    expect(house.ledger.now().turns).toEqual([]);
    await house.service.resync();
    await house.settle();
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(shown(house, name)).toContain('Uncordon it yourself when it has booted');
  });

  it('and takes that back is believed: the node is uncordoned', async () => {
    const house = fakeHouse();
    const name = await cancelled(house);
    house.cluster.agentOf(node).report = aReport();
    await house.pass(minute);
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Cancelled' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.reboot(name).cleanup).not.toHaveProperty('goesDown');
    expect(house.cluster.node(node).unschedulable).toBe(false);
  });

  it('and boots is uncordoned, overdue or not', async () => {
    const house = fakeHouse();
    const name = await cancelled(house);
    await house.pass(11 * minute);
    await house.boots(node);
    expect(house.reboot(name)).toMatchObject({ cleanup: { endedAt: expect.any(String) } });
    expect(house.cluster.node(node).unschedulable).toBe(false);
    expect(house.ledger.now().turns).toEqual([]);
  });

  it('cannot be skipped before the deadline', async () => {
    const house = fakeHouse();
    const name = await cancelled(house);
    const result = await house.service.decide(name, { kind: 'skip' }, mia);
    expect(result.ok).toBe(false);
  });
});
