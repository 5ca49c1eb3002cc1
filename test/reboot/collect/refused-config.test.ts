/** A configuration that is changed while Tugboot runs, and refused. */
import { describe, expect, it } from 'vitest';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { hour } from '../../../src/reboot/time/time.ts';
import { aPolicy, aPool } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const problem =
  '1 problem in tugboot.yaml\n  pools[0].url: Found "https://c.example/secret-path?x=1". Wrong.';
const policy = aPolicy({
  pools: [
    aPool({ name: 'a', channel: 'C0A' }),
    aPool({ name: 'b', channel: 'C0B' }),
    aPool({ name: 'c', channel: 'C0A' }),
  ],
});

describe('a refused configuration', () => {
  it('is told once in each channel of the pools in force, and as an Event', async () => {
    const harness = serviceHarness(policy);
    await harness.service.resync();
    expect(harness.chat.refusals).toEqual([]);
    harness.refuses(problem);
    for (let time = 0; time < 3; time += 1) await harness.service.resync();
    expect(harness.chat.refusals.map(({ channel }) => channel)).toEqual(['C0A', 'C0B']);
    expect(harness.ledger.events).toMatchObject([{ type: 'Warning', reason: 'ConfigurationRefused' }]);
    expect(harness.ledger.events[0]?.note).toContain('pools[0].url');
  });

  it('is told without the path of an address, which may be as good as a password', async () => {
    const harness = serviceHarness(policy);
    harness.refuses(problem);
    await harness.service.resync();
    expect(JSON.stringify([harness.chat.refusals, harness.ledger.events])).not.toContain('secret-path');
    expect(harness.chat.refusals[0]?.problems[1]).toContain('https://c.example/…');
  });

  it('is told again for another version, and for the same one that comes back later', async () => {
    const harness = serviceHarness(aPolicy());
    const tell = async (text: string | undefined, version?: string): Promise<number> => {
      harness.refuses(text, version);
      await harness.service.resync();
      return harness.chat.refusals.length;
    };
    expect(await tell(problem, 'v1')).toBe(1);
    expect(await tell(problem, 'v2')).toBe(2);
    await tell(undefined);
    harness.clock.advance(hour);
    expect(await tell(problem, 'v1')).toBe(3);
  });

  it('is told once by two replicas that read it one after the other', async () => {
    const one = serviceHarness(aPolicy());
    const other = serviceHarness(aPolicy(), one);
    one.refuses(problem);
    await one.service.resync();
    one.clock.advance(60_000);
    other.refuses(problem);
    await other.service.resync();
    expect(one.chat.refusals).toHaveLength(1);
  });

  it('is told when chat is back, and its Event does not wait for that', async () => {
    const harness = serviceHarness(aPolicy());
    harness.chat.down = new PortError('chat-unreachable', 'Slack is away.', { retryable: true });
    harness.refuses(problem);
    await harness.service.resync();
    expect(harness.ledger.events).toHaveLength(1);
    expect(harness.chat.refusals).toEqual([]);
    harness.chat.down = undefined;
    await harness.service.resync();
    expect(harness.chat.refusals).toHaveLength(1);
  });
});
