/** A configuration that is changed while Tugboot runs, and refused. */
import { describe, expect, it } from 'vitest';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { hour } from '../../../src/reboot/time/time.ts';
import { aPolicy, aPool } from '../../fakes/builders.ts';
import { fakeHouse } from '../../fakes/fake-house.ts';

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
    const house = fakeHouse(policy);
    await house.service.resync();
    expect(house.chat.refusals).toEqual([]);
    house.refuses(problem);
    for (let time = 0; time < 3; time += 1) await house.service.resync();
    expect(house.chat.refusals.map(({ channel }) => channel)).toEqual(['C0A', 'C0B']);
    expect(house.ledger.events).toMatchObject([{ type: 'Warning', reason: 'ConfigurationRefused' }]);
    expect(house.ledger.events[0]?.note).toContain('pools[0].url');
  });

  it('is told without the path of an address, which may be as good as a password', async () => {
    const house = fakeHouse(policy);
    house.refuses(problem);
    await house.service.resync();
    expect(JSON.stringify([house.chat.refusals, house.ledger.events])).not.toContain('secret-path');
    expect(house.chat.refusals[0]?.problems[1]).toContain('https://c.example/…');
  });

  it('is told again for another version, and for the same one that comes back later', async () => {
    const house = fakeHouse(aPolicy());
    const tell = async (text: string | undefined, version?: string): Promise<number> => {
      house.refuses(text, version);
      await house.service.resync();
      return house.chat.refusals.length;
    };
    expect(await tell(problem, 'v1')).toBe(1);
    expect(await tell(problem, 'v2')).toBe(2);
    await tell(undefined);
    house.clock.advance(hour);
    expect(await tell(problem, 'v1')).toBe(3);
  });

  it('is told once by two replicas that read it one after the other', async () => {
    const one = fakeHouse(aPolicy());
    const other = fakeHouse(aPolicy(), one);
    one.refuses(problem);
    await one.service.resync();
    one.clock.advance(60_000);
    other.refuses(problem);
    await other.service.resync();
    expect(one.chat.refusals).toHaveLength(1);
  });

  it('is told when chat is back, and its Event does not wait for that', async () => {
    const house = fakeHouse(aPolicy());
    house.chat.down = new PortError('chat-unreachable', 'Slack is away.', { retryable: true });
    house.refuses(problem);
    await house.service.resync();
    expect(house.ledger.events).toHaveLength(1);
    expect(house.chat.refusals).toEqual([]);
    house.chat.down = undefined;
    await house.service.resync();
    expect(house.chat.refusals).toHaveLength(1);
  });
});
