/** An agent that reports `obeying` although there is no order, or without an end. */
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card/card.ts';
import { replies } from '../../../src/bot/views/answers/replies.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aPerson, aReport, at } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const mia = aPerson();
const node = 'worker-03';
const obeying = { endBoot: 'boot-1', state: 'obeying', at: at(0) } as const;

async function cancelled(harness: ServiceHarness): Promise<string> {
  harness.cluster.drains([]);
  const { name, need } = await harness.sentinel({ name: node });
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, mia);
  await harness.settle();
  harness.cluster.agentOf(node).report = aReport({ order: obeying });
  await harness.service.decide(name, { kind: 'cancel' }, mia);
  await harness.settle();
  return name;
}
const shown = (harness: ServiceHarness, name: string): string => {
  const data = harness.chat.cards.get(name);
  return data ? JSON.stringify([card(data), replies(data)]) : '';
};

describe('an agent that says, after a cancel, that its host was asked to reboot', () => {
  it('keeps its node cordoned and its turn until a deadline, and the card says so', async () => {
    const harness = serviceHarness();
    const name = await cancelled(harness);
    expect(harness.cluster.node(node).unschedulable).toBe(true);
    expect(harness.ledger.now().turns).toHaveLength(1);
    expect(shown(harness, name)).toContain('it stays cordoned until it has booted');
    expect(shown(harness, name)).not.toContain('tugboot.skip');
  });

  it('then a person is asked, and Skip lets the pool go on with the node left cordoned', async () => {
    const harness = serviceHarness();
    const name = await cancelled(harness);
    await harness.pass(11 * minute);
    expect(shown(harness, name)).toContain('and it does not go down');
    expect(shown(harness, name)).toContain('tugboot.skip');
    expect(harness.cluster.events.filter(({ reason }) => reason === 'RebootOverdue')).toHaveLength(1);
    await harness.service.decide(name, { kind: 'skip' }, mia);
    await harness.settle();
    expect(harness.reboot(name)).toMatchObject({
      cleanup: { endedAt: expect.any(String), staysCordoned: 'goes-down' },
    });
    expect(harness.ledger.now().turns).toEqual([]);
    await harness.service.resync();
    await harness.settle();
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(shown(harness, name)).toContain('Uncordon it yourself when it has booted');
  });

  it('and takes that back is believed: the node is uncordoned', async () => {
    const harness = serviceHarness();
    const name = await cancelled(harness);
    harness.cluster.agentOf(node).report = aReport();
    await harness.pass(minute);
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Cancelled' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.reboot(name).cleanup).not.toHaveProperty('goesDown');
    expect(harness.cluster.node(node).unschedulable).toBe(false);
  });

  it('and boots is uncordoned, overdue or not', async () => {
    const harness = serviceHarness();
    const name = await cancelled(harness);
    await harness.pass(11 * minute);
    await harness.boots(node);
    expect(harness.reboot(name)).toMatchObject({ cleanup: { endedAt: expect.any(String) } });
    expect(harness.cluster.node(node).unschedulable).toBe(false);
    expect(harness.ledger.now().turns).toEqual([]);
  });

  it('cannot be skipped before the deadline', async () => {
    const harness = serviceHarness();
    const name = await cancelled(harness);
    const result = await harness.service.decide(name, { kind: 'skip' }, mia);
    expect(result.ok).toBe(false);
  });
});
