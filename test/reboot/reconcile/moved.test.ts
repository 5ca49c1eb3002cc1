/** A Reboot that waits follows its node into another pool. */
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../src/reboot/policy/policy.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool, aWindow } from '../../fakes/builders.ts';
import { serviceHarness, type ServiceHarness } from '../../fakes/service-harness.ts';

const only = (id: string) => ({ kind: 'named', users: [id], groups: [] }) as const;
const web = aPool({ name: 'web', selector: 'pool=web', approvers: only('U0MIA'), channel: 'C0WEB' });
const db = aPool({ name: 'db', selector: 'pool=db', approvers: only('U0LEE'), channel: 'C0DB' });
const pools = (...all: Policy['pools']): Policy => aPolicy({ pools: all });
const channels = ['C0WEB', 'C0DB'];
const [mia, lee] = [aPerson({ channels }), aPerson({ id: 'U0LEE', name: 'lee', channels })];

const at = (harness: ServiceHarness, name: string) => harness.reboot(name);

async function relabelled(harness: ServiceHarness, label: string): Promise<void> {
  harness.cluster.node('worker-03').labels = { pool: label };
  await harness.queue.reconcileNode('worker-03');
  await harness.settle();
}

const decide = async (harness: ServiceHarness, name: string, who: typeof mia) => {
  const { digest } = at(harness, name).need;
  const answer = await harness.service.decide(name, { kind: 'approve', mode: 'now', digest }, who);
  await harness.settle();
  return answer;
};

describe('a node that changes its pool', () => {
  it('takes its question along: the approvers of the new pool decide, and those of the old one do not', async () => {
    const harness = serviceHarness(pools(web, db));
    const { name } = await harness.sentinel({ labels: { pool: 'web' } });
    await relabelled(harness, 'db');
    expect(at(harness, name)).toMatchObject({
      pool: 'db',
      state: { phase: 'Pending' },
      history: [{ what: 'moved', reason: 'Its node moved from pool web to pool db.' }],
    });
    expect(harness.chat.cards.get(name)).toMatchObject({ channel: 'C0DB', approvers: db.approvers });
    expect(await decide(harness, name, mia)).toMatchObject({ ok: false, rejection: { code: 'not-allowed' } });
    expect(await decide(harness, name, lee)).toMatchObject({ ok: true });
    expect(at(harness, name).state.phase).toBe('Rebooting');
  });
  it('loses the approvals of the old pool, and says why', async () => {
    const harness = serviceHarness(pools(web, db));
    await harness.pauses.put({ scope: { kind: 'cluster' } });
    const { name } = await harness.sentinel({ labels: { pool: 'web' } });
    await decide(harness, name, mia);
    await relabelled(harness, 'db');
    expect(at(harness, name)).toMatchObject({
      pool: 'db',
      state: { phase: 'Pending', approvals: [], lapse: { why: 'moved', fromPool: 'web' } },
    });
    const answer = await harness.service.why('worker-03');
    expect(answer).toMatchObject({
      why: {
        blockers: [
          {
            code: 'decision-lapsed',
            sentence: 'What was decided lapsed, because its node moved from pool web to pool db.',
          },
          { code: 'approvals-missing' },
          { code: 'paused' },
        ],
      },
    });
  });
  it('loses one approval of two, too', async () => {
    const two = { approvalsNeeded: 2, approvers: { kind: 'channel' } } as const;
    const harness = serviceHarness(pools({ ...web, ...two }, { ...db, ...two }));
    const { name } = await harness.sentinel({ labels: { pool: 'web' } });
    await decide(harness, name, mia);
    await relabelled(harness, 'db');
    expect(at(harness, name).state).toMatchObject({ approvals: [], lapse: { why: 'moved' } });
  });
  it('is judged by its new pool before anybody has noticed: what was approved on the old card does not count', async () => {
    const harness = serviceHarness(pools(web, { ...db, approvers: { kind: 'channel' } }));
    const { name } = await harness.sentinel({ labels: { pool: 'web' } });
    harness.cluster.node('worker-03').labels = { pool: 'db' };
    expect(await decide(harness, name, mia)).toMatchObject({
      ok: false,
      rejection: { code: 'pool-changed', sentence: expect.stringContaining('from pool web to pool db') },
    });
    expect(at(harness, name)).toMatchObject({ pool: 'db', state: { phase: 'Pending', approvals: [] } });
    expect(await decide(harness, name, mia)).toMatchObject({ ok: true });
  });
  it('can be cancelled and asked for again in its new pool', async () => {
    const harness = serviceHarness(pools(web, { ...db, approvers: { kind: 'channel' } }));
    const { name } = await harness.sentinel({ labels: { pool: 'web' } });
    await relabelled(harness, 'db');
    expect(await harness.service.decide(name, { kind: 'cancel' }, lee)).toMatchObject({ ok: true });
    await harness.settle();
    harness.cluster.node('worker-03').labels = { pool: 'web' };
    const caller = { person: mia, channel: 'C0WEB' };
    expect(await harness.service.request('worker-03', 'now', caller)).toMatchObject({ ok: true });
    await harness.settle();
    expect(at(harness, name)).toMatchObject({ pool: 'web', state: { phase: 'Pending' } });
  });
  it('under way is finished under the rules that it began with', async () => {
    const harness = serviceHarness(pools({ ...web, settleTime: 5 * minute }, db));
    const { name } = await harness.sentinel({ labels: { pool: 'web' } });
    await decide(harness, name, mia);
    await relabelled(harness, 'db');
    expect(at(harness, name)).toMatchObject({ pool: 'web', state: { phase: 'Rebooting' } });
    await harness.boots('worker-03');
    await harness.pass(4 * minute);
    expect(at(harness, name).state.phase).toBe('Settling');
    await harness.pass(2 * minute);
    expect(at(harness, name)).toMatchObject({ pool: 'web', state: { phase: 'Succeeded' } });
  });
  it('follows a configuration in which the pools have another order, or its pool is gone', async () => {
    const all = aPool({ name: 'all', selector: '', approvers: only('U0LEE') });
    const harness = serviceHarness(pools(web, all));
    const { name } = await harness.sentinel({ labels: { pool: 'web' } });
    harness.policy(pools(all, web));
    await harness.service.resync();
    await harness.settle();
    expect(at(harness, name).pool).toBe('all');
    harness.policy(pools(web));
    await harness.service.resync();
    await harness.settle();
    expect(at(harness, name).pool).toBe('web');
  });
  it('into no pool: nobody may decide that it starts, neither people nor rules, and it can be ended', async () => {
    const harness = serviceHarness(pools({ ...web, approval: 'window', windows: [aWindow()] }));
    const { name } = await harness.sentinel({ labels: { pool: 'web' } });
    await relabelled(harness, 'none');
    expect(harness.chat.cards.get(name)).not.toHaveProperty('automatic');
    await harness.pass(38 * hour);
    await harness.service.resync();
    await harness.settle();
    expect(at(harness, name).state.phase).toBe('Pending');
    expect(await decide(harness, name, mia)).toMatchObject({
      ok: false,
      rejection: {
        code: 'pool-changed',
        sentence: expect.stringContaining('belongs to no pool any more'),
      },
    });
    expect(await harness.service.decide(name, { kind: 'cancel' }, mia)).toMatchObject({ ok: true });
  });
});
