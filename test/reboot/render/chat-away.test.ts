/** Decisions that were stored before Slack went away, or while only the thread of a card is missing. */
import { describe, expect, it } from 'vitest';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const away = new PortError('chat-unreachable', 'Slack does not answer', { retryable: true });

async function approvedWhileAway(startWithoutSlack: boolean): Promise<{ house: FakeHouse; name: string }> {
  const house = fakeHouse(aPolicy({ pools: [aPool({ startWithoutSlack })] }));
  const { name } = await house.sentinel({ name: 'w1' });
  house.chat.down = away;
  const { digest } = house.reboot(name).need;
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
  await house.settle();
  return { house, name };
}

describe('while Slack is away', () => {
  it('what was approved starts, where its pool does not mind', async () => {
    const { house, name } = await approvedWhileAway(true);
    expect(house.reboot(name).state.phase).not.toBe('Approved');
  });

  it('what was approved waits, where nobody could watch it, and starts when Slack is back', async () => {
    const { house, name } = await approvedWhileAway(false);
    expect(house.reboot(name).state.phase).toBe('Approved');
    expect(house.cluster.node('w1').unschedulable).toBe(false);
    house.chat.down = undefined;
    await house.service.resync();
    await house.settle();
    expect(house.reboot(name).state.phase).not.toBe('Approved');
    const { chat, state } = house.reboot(name);
    const shown = house.chat.channel.messages.find(({ ts }) => ts === chat.card?.ts);
    expect(shown?.text).toContain(state.phase);
  });
});
