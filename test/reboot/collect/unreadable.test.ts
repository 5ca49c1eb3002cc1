/** Records and ledgers that somebody, or another version, has written so that they cannot be read. */
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card/card.ts';
import { emptyLedger } from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const mia = aPerson();
const node = 'worker-03';
const two = aPolicy({ concurrency: 2, pools: [aPool({ concurrency: 2, maxUnavailable: { count: 3 } })] });

async function approved(harness: ServiceHarness, name = node): Promise<string> {
  const reboot = await harness.sentinel({ name });
  await harness.service.decide(
    reboot.name,
    { kind: 'approve', mode: 'now', digest: reboot.need.digest },
    mia,
  );
  await harness.settle();
  return reboot.name;
}

describe('a Reboot that cannot be read', () => {
  const spoiled = async (): Promise<{ harness: ServiceHarness; name: string }> => {
    const harness = serviceHarness(two);
    harness.cluster.drains([]);
    const name = await approved(harness);
    harness.store.spoil(name, 'status.phase: Invalid input');
    await harness.service.rebootChanged(name);
    await harness.service.rebootAppeared(name);
    await harness.settle();
    return { harness, name };
  };

  it('is told once in the channel, as an Event, in status and in why', async () => {
    const { harness, name } = await spoiled();
    for (let time = 0; time < 3; time += 1) {
      await harness.service.resync();
      await harness.settle();
    }
    expect(harness.chat.reports).toMatchObject([{ node, channel: 'C0OPS' }]);
    expect(harness.chat.reports[0]?.sentence).toContain(`${name} cannot be read: status.phase`);
    const told = harness.cluster.events.filter(({ reason }) => reason === 'RebootUnreadable');
    expect(told).toMatchObject([{ type: 'Warning', node }]);
    const answer = await harness.service.status();
    expect(answer.ok && answer.status.troubles?.[0]).toContain(`kubectl edit reboot ${name}`);
    expect(await harness.service.why(node)).toMatchObject({
      ok: false,
      sentence: expect.stringContaining(`${name} cannot be read`),
    });
  });

  it('keeps its cordon and its turn through recovery, and no other node of its pool starts', async () => {
    const { harness, name } = await spoiled();
    await harness.service.resync();
    await harness.settle();
    expect(harness.cluster.node(node)).toMatchObject({ unschedulable: true, cordonedBy: name });
    expect(harness.ledger.now().turns.map(({ reboot }) => reboot)).toEqual([name]);
    const other = await approved(harness, 'worker-04');
    expect(harness.reboot(other).state.phase).toBe('Approved');
    const data = harness.chat.cards.get(other);
    expect(data?.blockers.map(({ code }) => code)).toContain('record-unreadable');
    harness.store.spoil(name, undefined);
    await harness.queue.plan();
    await harness.settle();
    expect(harness.reboot(other).state.phase).not.toBe('Approved');
  });

  it('is told by why in the next boot, too, while it keeps its node cordoned', async () => {
    const { harness, name } = await spoiled();
    harness.cluster.node(node).bootId = 'boot-2';
    expect(await harness.service.why(node)).toMatchObject({
      ok: false,
      sentence: expect.stringContaining(`${name} cannot be read`),
    });
  });

  it('says to who clicks what is the matter, and what to do', async () => {
    const { harness, name } = await spoiled();
    const result = await harness.service.decide(name, { kind: 'cancel' }, mia);
    expect(result.ok ? '' : result.rejection.sentence).toMatch(/cannot be read: status\.phase.*delete it/);
  });

  it('and that is deleted has its node put back', async () => {
    const { harness, name } = await spoiled();
    harness.store.spoil(name, undefined);
    await harness.store.remove(name);
    await harness.service.rebootDeleted(undefined);
    await harness.settle();
    expect(harness.cluster.node(node).unschedulable).toBe(false);
    expect(harness.ledger.now().turns).toEqual([]);
  });
});

describe('a ledger that cannot be read', () => {
  const sentence =
    'The ledger of turns cannot be read: ConfigMap ops/tugboot-turns, key turns.json: it is no JSON.';
  const garbage = (harness: ServiceHarness): (() => void) => {
    const { ledger } = harness;
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
    const harness = serviceHarness();
    const reboot = await harness.sentinel({ name: node });
    const mend = garbage(harness);
    const result = await harness.service.decide(
      reboot.name,
      { kind: 'approve', mode: 'now', digest: reboot.need.digest },
      mia,
    );
    expect(result.ok).toBe(true);
    await harness.settle();
    expect(harness.reboot(reboot.name).state.phase).toBe('Approved');
    expect(harness.cluster.node(node).unschedulable).toBe(false);
    const data = harness.chat.cards.get(reboot.name);
    expect(data ? JSON.stringify(card(data)) : '').toContain('ConfigMap ops/tugboot-turns, key turns.json');
    const why = await harness.service.why(node);
    expect(why.ok && why.why.blockers.map((blocker) => blocker.sentence)).toContain(sentence);
    const status = await harness.service.status();
    expect(status.ok && status.status.troubles).toEqual([sentence]);
    mend();
    await harness.queue.plan();
    await harness.settle();
    expect(harness.reboot(reboot.name).state.phase).toBe('Rebooting');
  });

  it('does not keep an end from its end: the turn goes when the ledger is mended', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    await harness.boots(node);
    const mend = garbage(harness);
    await harness.pass(61 * second);
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.node(node).unschedulable).toBe(false);
    mend();
    await harness.service.resync();
    expect(harness.ledger.now()).toEqual(emptyLedger);
    await harness.pass(minute);
  });
});
