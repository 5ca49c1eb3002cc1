/** Decisions that were stored before Slack went away, or while only the thread of a card is missing. */
import { describe, expect, it } from 'vitest';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const away = new PortError('chat-unreachable', 'Slack does not answer', { retryable: true });

async function approvedWhileAway(
  startWithoutSlack: boolean,
): Promise<{ harness: ServiceHarness; name: string }> {
  const harness = serviceHarness(aPolicy({ pools: [aPool({ startWithoutSlack })] }));
  const { name } = await harness.sentinel({ name: 'w1' });
  harness.chat.down = away;
  const { digest } = harness.reboot(name).need;
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
  await harness.settle();
  return { harness, name };
}

describe('while Slack is away', () => {
  it('what was approved starts, where its pool does not mind', async () => {
    const { harness, name } = await approvedWhileAway(true);
    expect(harness.reboot(name).state.phase).not.toBe('Approved');
  });

  it('what was approved waits, where nobody could watch it, and starts when Slack is back', async () => {
    const { harness, name } = await approvedWhileAway(false);
    expect(harness.reboot(name).state.phase).toBe('Approved');
    expect(harness.cluster.node('w1').unschedulable).toBe(false);
    harness.chat.down = undefined;
    await harness.service.resync();
    await harness.settle();
    expect(harness.reboot(name).state.phase).not.toBe('Approved');
    const { chat, state } = harness.reboot(name);
    const shown = harness.chat.channel.messages.find(({ ts }) => ts === chat.card?.ts);
    expect(shown?.text).toContain(state.phase);
  });
});
