/** What a pool may demand of decisions. */
import { describe, expect, it } from 'vitest';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { day, minute } from '../../../src/reboot/time/time.ts';
import { aNode, aPerson, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { serviceHarness, type ServiceHarness } from '../../fakes/service-harness.ts';

const opened = (pool: Partial<PoolPolicy>): ServiceHarness =>
  serviceHarness(aPolicy({ pools: [aPool(pool)] }));

async function passes(harness: ServiceHarness, ms: number): Promise<void> {
  await harness.pass(ms);
  await harness.settle();
}

describe('a denial', () => {
  const denied = async (pool: Partial<PoolPolicy>): Promise<[ServiceHarness, string]> => {
    const harness = opened(pool);
    const { name } = await harness.sentinel();
    await harness.service.decide(name, { kind: 'deny', reason: 'release week' }, aPerson());
    await harness.settle();
    return [harness, name];
  };

  it('holds for as long as its pool says, and then asks again, and says why', async () => {
    const [harness, name] = await denied({ askAgainAfter: 14 * day });
    expect(await harness.service.why('worker-03')).toMatchObject({
      why: { blockers: [{ code: 'denied', until: harness.clock.now() + 14 * day }] },
    });
    await passes(harness, 14 * day - minute);
    expect(harness.reboot(name).state.phase).toBe('Denied');
    await passes(harness, minute);
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Pending', approvals: [] },
      history: [
        { what: 'denied' },
        { what: 'entered', phase: 'Denied' },
        { what: 'asked-again', reason: 'It was denied 14 d ago.' },
        { what: 'entered', phase: 'Pending' },
      ],
    });
  });

  it('holds for ever where its pool says nothing', async () => {
    const [harness, name] = await denied({});
    await passes(harness, 100 * day);
    expect(harness.reboot(name).state.phase).toBe('Denied');
  });
});

describe('who requested a reboot', () => {
  const named = { kind: 'named', users: ['U0MIA', 'U0LEE'], groups: [] } as const;
  const mia = aPerson();
  const lee = aPerson({ id: 'U0LEE', name: 'lee' });

  const requested = async (pool: Partial<PoolPolicy>) => {
    const harness = opened({ approvers: named, approvalsNeeded: 1, ...pool });
    await harness.pauses.put({ scope: { kind: 'cluster' } });
    const report = aReport({ required: 'no', packages: [], bootId: 'boot-1' });
    harness.cluster.addNode(aNode({ name: 'worker-03', bootId: 'boot-1' }), { report });
    const asked = await harness.service.request('worker-03', undefined, { person: mia, channel: 'C0OPS' });
    if (!asked.ok) throw new Error(asked.sentence);
    const approve = (person: typeof mia) => {
      const { digest } = harness.reboot(asked.reboot).need;
      return harness.service.decide(asked.reboot, { kind: 'approve', mode: 'now', digest }, person);
    };
    return { approve };
  };

  it('does not approve it alone, where the pool does not allow that', async () => {
    const { approve } = await requested({ requesterApproves: false });
    expect(await approve(mia)).toMatchObject({
      ok: false,
      rejection: {
        code: 'requester-alone',
        sentence: 'You asked for this reboot of worker-03. In pool workers somebody else has to approve it.',
      },
    });
    expect(await approve(lee)).toMatchObject({ ok: true, approvalsMissing: 0 });
  });

  it('counts as one of two, and approves alone where the pool allows it', async () => {
    const two = await requested({ requesterApproves: false, approvalsNeeded: 2 });
    expect(await two.approve(mia)).toMatchObject({ ok: true, approvalsMissing: 1 });
    expect(await two.approve(lee)).toMatchObject({ ok: true, approvalsMissing: 0 });
    expect(await (await requested({})).approve(mia)).toMatchObject({ ok: true });
  });
});

describe('everybody in a channel', () => {
  const decidedBy = async (person: ReturnType<typeof aPerson>) => {
    const harness = opened({ approvers: { kind: 'channel' } });
    const { name } = await harness.sentinel();
    return harness.service.decide(name, { kind: 'deny', reason: 'no' }, person);
  };

  it('is not asked to join where Slack does not tell who is there, and nothing is decided', async () => {
    const nobody = { channels: [], unknownChannels: ['C0OPS'] };
    expect(await decidedBy(aPerson(nobody))).toMatchObject({
      ok: false,
      rejection: { code: 'not-allowed', sentence: expect.stringMatching(/^Slack does not tell/) as string },
    });
    expect(await decidedBy(aPerson({ channels: [] }))).toMatchObject({
      rejection: { sentence: expect.stringContaining('join it first') as string },
    });
  });
});
