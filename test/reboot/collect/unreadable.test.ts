/** Records and ledgers that somebody, or another version, has written so that they cannot be read. */
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card/card.ts';
import { emptyLedger } from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();
const node = 'worker-03';
const two = aPolicy({ concurrency: 2, pools: [aPool({ concurrency: 2, maxUnavailable: { count: 3 } })] });

async function approved(house: FakeHouse, name = node): Promise<string> {
  const reboot = await house.sentinel({ name });
  await house.service.decide(reboot.name, { kind: 'approve', mode: 'now', digest: reboot.need.digest }, mia);
  await house.settle();
  return reboot.name;
}

describe('a Reboot that cannot be read', () => {
  const spoiled = async (): Promise<{ house: FakeHouse; name: string }> => {
    const house = fakeHouse(two);
    house.cluster.drains([]);
    const name = await approved(house);
    house.store.spoil(name, 'status.phase: Invalid input');
    house.service.rebootChanged(name);
    await house.service.rebootAppeared(name);
    await house.settle();
    return { house, name };
  };

  it('is told once in the channel, as an Event, in status and in why', async () => {
    const { house, name } = await spoiled();
    for (let time = 0; time < 3; time += 1) {
      await house.service.resync();
      await house.settle();
    }
    expect(house.chat.reports).toMatchObject([{ node, channel: 'C0OPS' }]);
    expect(house.chat.reports[0]?.sentence).toContain(`${name} cannot be read: status.phase`);
    const told = house.cluster.events.filter(({ reason }) => reason === 'RebootUnreadable');
    expect(told).toMatchObject([{ type: 'Warning', node }]);
    const answer = await house.service.status();
    expect(answer.ok && answer.status.troubles?.[0]).toContain(`kubectl edit reboot ${name}`);
    expect(await house.service.why(node)).toMatchObject({
      ok: false,
      sentence: expect.stringContaining(`${name} cannot be read`),
    });
  });

  it('keeps its cordon and its turn through recovery, and no other node of its pool starts', async () => {
    const { house, name } = await spoiled();
    await house.service.resync();
    await house.settle();
    expect(house.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(house.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([name]);
    const other = await approved(house, 'worker-04');
    expect(house.reboot(other).state.phase).toBe('Approved');
    const data = house.chat.shown.get(other);
    expect(data?.blockers.map(({ code }) => code)).toContain('record-unreadable');
    house.store.spoil(name, undefined);
    await house.queue.plan();
    await house.settle();
    expect(house.reboot(other).state.phase).not.toBe('Approved');
  });

  it('is told by why in the next boot, too, while it keeps its node cordoned', async () => {
    const { house, name } = await spoiled();
    house.cluster.node(node).bootId = 'boot-2';
    expect(await house.service.why(node)).toMatchObject({
      ok: false,
      sentence: expect.stringContaining(`${name} cannot be read`),
    });
  });

  it('says to who clicks what is the matter, and what to do', async () => {
    const { house, name } = await spoiled();
    const result = await house.service.decide(name, { kind: 'cancel' }, mia);
    expect(result.ok ? '' : result.rejection.sentence).toMatch(/cannot be read: status\.phase.*delete it/);
  });

  it('and that is deleted has its node put back', async () => {
    const { house, name } = await spoiled();
    house.store.spoil(name, undefined);
    await house.store.remove(name);
    await house.service.rebootDeleted(undefined);
    await house.settle();
    expect(house.cluster.node(node).unschedulable).toBe(false);
    expect(house.ledger.now().turns).toEqual([]);
  });
});

describe('a ledger that cannot be read', () => {
  const sentence =
    'The ledger of turns cannot be read: ConfigMap ops/tugboot-turns, key turns.json: it is no JSON.';
  const garbage = (house: FakeHouse): (() => void) => {
    const { ledger } = house;
    const kept = {
      read: ledger.read.bind(ledger),
      latest: ledger.latest.bind(ledger),
      take: ledger.take.bind(ledger),
      release: ledger.release.bind(ledger),
    };
    const fail = async (): Promise<never> => {
      throw new PortError('ledger-unreadable', sentence, { retryable: false });
    };
    Object.assign(ledger, { read: fail, latest: fail, take: fail, release: fail });
    return () => Object.assign(ledger, kept);
  };

  it('keeps a decision, and says on the card, in why and in status what to mend', async () => {
    const house = fakeHouse();
    const reboot = await house.sentinel({ name: node });
    const mend = garbage(house);
    const result = await house.service.decide(
      reboot.name,
      { kind: 'approve', mode: 'now', digest: reboot.need.digest },
      mia,
    );
    expect(result.ok).toBe(true);
    await house.settle();
    expect(house.reboot(reboot.name).state.phase).toBe('Approved');
    expect(house.cluster.node(node).unschedulable).toBe(false);
    const data = house.chat.shown.get(reboot.name);
    expect(data ? JSON.stringify(card(data)) : '').toContain('ConfigMap ops/tugboot-turns, key turns.json');
    const why = await house.service.why(node);
    expect(why.ok && why.why.blockers.map((blocker) => blocker.sentence)).toContain(sentence);
    const status = await house.service.status();
    expect(status.ok && status.status.troubles).toEqual([sentence]);
    mend();
    await house.queue.plan();
    await house.settle();
    expect(house.reboot(reboot.name).state.phase).toBe('Rebooting');
  });

  it('does not keep an end from its end: the turn goes when the ledger is mended', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    await house.boots(node);
    const mend = garbage(house);
    await house.pass(61 * second);
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.node(node).unschedulable).toBe(false);
    mend();
    await house.service.resync();
    expect(house.ledger.now()).toEqual(emptyLedger);
    await house.pass(minute);
  });
});
