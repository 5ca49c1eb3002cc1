/** A Reboot that waits follows its node into another pool. */
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../src/reboot/policy/policy.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool, aWindow } from '../../fakes/builders.ts';
import { fakeHouse, type FakeHouse } from '../../fakes/fake-house.ts';

const only = (id: string) => ({ kind: 'named', users: [id], groups: [] }) as const;
const web = aPool({ name: 'web', selector: 'pool=web', approvers: only('U0MIA'), channel: 'C0WEB' });
const db = aPool({ name: 'db', selector: 'pool=db', approvers: only('U0LEE'), channel: 'C0DB' });
const pools = (...all: Policy['pools']): Policy => aPolicy({ pools: all });
const channels = ['C0WEB', 'C0DB'];
const [mia, lee] = [aPerson({ channels }), aPerson({ id: 'U0LEE', name: 'lee', channels })];

const at = (house: FakeHouse, name: string) => house.reboot(name);

async function relabelled(house: FakeHouse, label: string): Promise<void> {
  house.cluster.node('worker-03').labels = { pool: label };
  await house.queue.reconcileNode('worker-03');
  await house.settle();
}

const decide = async (house: FakeHouse, name: string, who: typeof mia) => {
  const { digest } = at(house, name).need;
  const answer = await house.service.decide(name, { kind: 'approve', mode: 'now', digest }, who);
  await house.settle();
  return answer;
};

describe('a node that changes its pool', () => {
  it('takes its question along: the approvers of the new pool decide, and those of the old one do not', async () => {
    const house = fakeHouse(pools(web, db));
    const { name } = await house.sentinel({ labels: { pool: 'web' } });
    await relabelled(house, 'db');
    expect(at(house, name)).toMatchObject({
      pool: 'db',
      state: { phase: 'Pending' },
      history: [{ what: 'moved', reason: 'Its node moved from pool web to pool db.' }],
    });
    expect(house.chat.shown.get(name)).toMatchObject({ channel: 'C0DB', approvers: db.approvers });
    expect(await decide(house, name, mia)).toMatchObject({ ok: false, rejection: { code: 'not-allowed' } });
    expect(await decide(house, name, lee)).toMatchObject({ ok: true });
    expect(at(house, name).state.phase).toBe('Rebooting');
  });
  it('loses the approvals of the old pool, and says why', async () => {
    const house = fakeHouse(pools(web, db));
    await house.pauses.put({ scope: { kind: 'cluster' } });
    const { name } = await house.sentinel({ labels: { pool: 'web' } });
    await decide(house, name, mia);
    await relabelled(house, 'db');
    expect(at(house, name)).toMatchObject({
      pool: 'db',
      state: { phase: 'Pending', approvals: [], lapse: { why: 'moved', fromPool: 'web' } },
    });
    const answer = await house.service.why('worker-03');
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
    const house = fakeHouse(pools({ ...web, ...two }, { ...db, ...two }));
    const { name } = await house.sentinel({ labels: { pool: 'web' } });
    await decide(house, name, mia);
    await relabelled(house, 'db');
    expect(at(house, name).state).toMatchObject({ approvals: [], lapse: { why: 'moved' } });
  });
  it('is judged by its new pool before anybody has noticed: what was approved on the old card does not count', async () => {
    const house = fakeHouse(pools(web, { ...db, approvers: { kind: 'channel' } }));
    const { name } = await house.sentinel({ labels: { pool: 'web' } });
    house.cluster.node('worker-03').labels = { pool: 'db' };
    expect(await decide(house, name, mia)).toMatchObject({
      ok: false,
      rejection: { code: 'pool-changed', sentence: expect.stringContaining('from pool web to pool db') },
    });
    expect(at(house, name)).toMatchObject({ pool: 'db', state: { phase: 'Pending', approvals: [] } });
    expect(await decide(house, name, mia)).toMatchObject({ ok: true });
  });
  it('can be cancelled and asked for again in its new pool', async () => {
    const house = fakeHouse(pools(web, { ...db, approvers: { kind: 'channel' } }));
    const { name } = await house.sentinel({ labels: { pool: 'web' } });
    await relabelled(house, 'db');
    expect(await house.service.decide(name, { kind: 'cancel' }, lee)).toMatchObject({ ok: true });
    await house.settle();
    house.cluster.node('worker-03').labels = { pool: 'web' };
    const caller = { person: mia, channel: 'C0WEB' };
    expect(await house.service.request('worker-03', 'now', caller)).toMatchObject({ ok: true });
    await house.settle();
    expect(at(house, name)).toMatchObject({ pool: 'web', state: { phase: 'Pending' } });
  });
  it('under way is finished under the rules that it began with', async () => {
    const house = fakeHouse(pools({ ...web, settleTime: 5 * minute }, db));
    const { name } = await house.sentinel({ labels: { pool: 'web' } });
    await decide(house, name, mia);
    await relabelled(house, 'db');
    expect(at(house, name)).toMatchObject({ pool: 'web', state: { phase: 'Rebooting' } });
    await house.boots('worker-03');
    await house.pass(4 * minute);
    expect(at(house, name).state.phase).toBe('Settling');
    await house.pass(2 * minute);
    expect(at(house, name)).toMatchObject({ pool: 'web', state: { phase: 'Succeeded' } });
  });
  it('follows a configuration in which the pools have another order, or its pool is gone', async () => {
    const all = aPool({ name: 'all', selector: '', approvers: only('U0LEE') });
    const house = fakeHouse(pools(web, all));
    const { name } = await house.sentinel({ labels: { pool: 'web' } });
    house.policy(pools(all, web));
    await house.service.resync();
    await house.settle();
    expect(at(house, name).pool).toBe('all');
    house.policy(pools(web));
    await house.service.resync();
    await house.settle();
    expect(at(house, name).pool).toBe('web');
  });
  it('into no pool: nobody may decide that it starts, neither people nor rules, and it can be ended', async () => {
    const house = fakeHouse(pools({ ...web, approval: 'window', windows: [aWindow()] }));
    const { name } = await house.sentinel({ labels: { pool: 'web' } });
    await relabelled(house, 'none');
    expect(house.chat.shown.get(name)).not.toHaveProperty('automatic');
    await house.pass(38 * hour);
    await house.service.resync();
    await house.settle();
    expect(at(house, name).state.phase).toBe('Pending');
    expect(await decide(house, name, mia)).toMatchObject({
      ok: false,
      rejection: {
        code: 'pool-changed',
        sentence: expect.stringContaining('belongs to no pool any more'),
      },
    });
    expect(await house.service.decide(name, { kind: 'cancel' }, mia)).toMatchObject({ ok: true });
  });
});
