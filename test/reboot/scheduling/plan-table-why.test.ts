/** `/reboot why`: what keeps any Reboot from its start, also one that the plan does not look at. */
import { describe, expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import type { Approval } from '../../../src/reboot/state/decision.ts';
import type { RebootState } from '../../../src/reboot/state/reboot.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import { whyNot } from '../../../src/reboot/card/why.ts';
import { plan } from '../../../src/reboot/scheduling/plan/plan.ts';
import { nextOpening } from '../../../src/reboot/windows/openings.ts';
import { aDecision, aPool, at, aWindow, noon, pending } from '../../fakes/builders.ts';
import { draining, failed, givenUp, rebooting, settling } from '../../fakes/states.ts';
import { type Actor, asks, done, drains, idle, lee, mia, rule, waits } from './plan-table/actors.ts';
import { policyOf, type Row as World, snapshotOf } from './plan-table/row.ts';

interface Row {
  readonly it: string;
  readonly state: RebootState;
  readonly cp?: true;
  readonly pool?: Partial<PoolPolicy>;
  readonly beside?: ReturnType<typeof waits>;
  /** Code, sentence, and, where that is known, until when, from noon. */
  readonly says: readonly (readonly [Blocker['code'], string, number?])[];
}

function plannedIn(row: World) {
  const [snapshot, policy] = [snapshotOf(row, noon), policyOf(row)];
  return { ...plan(snapshot, policy, noon), snapshot, policy };
}

const approvalOf = (by: typeof mia): Approval => ({
  by,
  at: at(0),
  mode: 'now',
  digest: '4f1c',
  riskDigest: 'aaaa',
});
const lapse = { at: at(0), added: ['linux-image-6.8.0-50', 'kernel 6.8.0-50'], removed: [] };
const snoozed: RebootState = { phase: 'Snoozed', since: at(0), until: at(hour), by: mia };

const rows: readonly Row[] = [
  {
    it: 'needs one approval',
    state: pending,
    says: [['approvals-missing', 'It needs 1 approval: 0 of 1 so far.']],
  },
  {
    it: 'needs two of the control plane, where two may approve',
    state: pending,
    cp: true,
    says: [['approvals-missing', 'It needs 2 approvals: 0 of 2 so far.']],
  },
  {
    it: 'needs one more beside those that are there, by name',
    state: { ...pending, approvals: [approvalOf(lee)] } as RebootState,
    cp: true,
    says: [['approvals-missing', 'It needs 1 more, beside @lee: 1 of 2.']],
  },
  {
    it: 'needs as many as the pool says',
    state: { ...pending, approvals: [approvalOf(lee), approvalOf(mia)] } as RebootState,
    pool: { approvalsNeeded: 3 },
    says: [['approvals-missing', 'It needs 1 more, beside @lee and @mia: 2 of 3.']],
  },
  {
    it: 'says that a decision lapsed, and what has come',
    state: { ...pending, lapse } as RebootState,
    says: [
      [
        'decision-lapsed',
        'What was decided lapsed, because the packages changed (new: linux-image-6.8.0-50, kernel 6.8.0-50).',
      ],
      ['approvals-missing', 'It needs 1 approval: 0 of 1 so far.'],
    ],
  },
  {
    it: 'says what has gone, too',
    state: { ...pending, lapse: { ...lapse, added: ['a'], removed: ['b', 'c'] } } as RebootState,
    says: [
      ['decision-lapsed', 'What was decided lapsed, because the packages changed (new: a; gone: b, c).'],
      ['approvals-missing', 'It needs 1 approval: 0 of 1 so far.'],
    ],
  },
  {
    it: 'says besides what would hold it back if it were approved for now',
    state: pending,
    pool: { concurrency: 1 },
    beside: drains('w2'),
    says: [
      ['approvals-missing', 'It needs 1 approval: 0 of 1 so far.'],
      ['turn-taken', 'w2 has the one turn of pool workers; it is draining.'],
    ],
  },
  {
    it: 'counts those that are approved already before it',
    state: pending,
    pool: { concurrency: 1 },
    beside: waits('w0', { asked: 9 * hour }),
    says: [
      ['approvals-missing', 'It needs 1 approval: 0 of 1 so far.'],
      ['turn-taken', 'w0 has the one turn of pool workers; it goes first.'],
    ],
  },
  {
    it: 'counts nobody who waits for a decision as well',
    state: pending,
    pool: { concurrency: 1 },
    beside: asks('w2'),
    says: [['approvals-missing', 'It needs 1 approval: 0 of 1 so far.']],
  },
  {
    it: 'tells of an approved one what the plan tells',
    state: {
      phase: 'Approved',
      since: at(0),
      decision: aDecision({ approvals: [{ ...approvalOf(mia), by: rule }] }),
    },
    says: [['rule-withdrawn', 'Only a rule approved it, and pool workers has none any more.']],
  },
  { it: 'is snoozed until a time', state: snoozed, says: [['snoozed', '@mia snoozed it.', hour]] },
  {
    it: 'is snoozed for a reason',
    state: { ...snoozed, reason: 'release week' },
    says: [['snoozed', '@mia snoozed it: release week.', hour]],
  },
  {
    it: 'is denied for a reason',
    state: { phase: 'Denied', since: at(0), by: lee, reason: 'not in December', riskDigest: 'aaaa' },
    says: [['denied', '@lee denied it: not in December']],
  },
  {
    it: 'failed, in the words of the failure',
    state: failed(),
    says: [['failed', 'The drain did not end in time.']],
  },
  ...[draining(), rebooting(), settling()].map((state): Row => ({
    it: `is under way, and nothing keeps it: ${state.phase}`,
    state,
    says: [],
  })),
];

describe('why a node does not start', () => {
  it.each(rows)('$it', ({ state, cp, pool = {}, beside, says }) => {
    const actor = waits('w1', cp ? { cp } : {});
    const reboot = actor.reboot && { ...actor.reboot, state };
    if (!reboot) throw new Error('there is no reboot');
    const row = { it: '', pool, given: [{ ...actor, reboot }, ...(beside ? [beside] : []), idle('w9')] };
    const told = whyNot(reboot, plannedIn(row), noon);
    expect(
      told.map(({ code, sentence, until }) =>
        until === undefined ? [code, sentence] : [code, sentence, until - noon],
      ),
    ).toEqual(says);
    for (const { clears } of told) expect(clears).toMatch(/^[A-Z].*\.$/);
  });

  function undecided(pool: Partial<PoolPolicy>, ...beside: readonly Actor[]): readonly Blocker[] {
    const actor = asks('w1', { shown: minute, asked: 6 * minute });
    const row = { it: '', pool, given: [...beside, actor] };
    return actor.reboot ? whyNot(actor.reboot, plannedIn(row), noon) : [];
  }

  it('says that the rule approves it by itself, and when, where the pool has one', () => {
    const windows = [aWindow()];
    const [approval] = undecided({ approval: 'window', windows });
    const opens = nextOpening(aPool({ windows }), noon)?.opens;
    expect(opens).toBeGreaterThan(noon);
    expect(approval).toMatchObject({
      code: 'approvals-missing',
      clears: 'Approve it on its card; unless somebody objects, the rule approves it by itself.',
      until: opens,
    });
  });

  it('names no rule where a person has to approve, nor a person where none may', () => {
    expect(undecided({})[0]).toMatchObject({ clears: 'Approve it on its card.' });
    expect(undecided({})[0]).not.toHaveProperty('until');
    expect(undecided({ approvers: { kind: 'nobody' } })[0]).toMatchObject({
      clears: 'It can be approved once the configuration names approvers of pool workers.',
    });
  });

  it('holds no reboot loop against a node that a person is asked about, but against the rule', () => {
    const before = done('w1', { ago: 10 * minute, bootId: 'boot-1' });
    const codes = (pool: Partial<PoolPolicy>): string[] =>
      undecided({ loopGuard: hour, ...pool }, before).map(({ code }) => code);
    expect(codes({})).toEqual(['approvals-missing']);
    expect(codes({ approval: 'auto' })).toEqual(['approvals-missing', 'reboot-loop']);
  });

  it('says of a failure what may be done, and of one that was given up that there is nothing', () => {
    const clearsOf = (state: RebootState): string | undefined => {
      const actor = waits('w1');
      const reboot = actor.reboot && { ...actor.reboot, state };
      const row = { it: '', given: [actor] };
      return reboot && whyNot(reboot, plannedIn(row), noon)[0]?.clears;
    };
    expect(clearsOf(failed())).toBe('Retry or skip it on its card.');
    expect(clearsOf(givenUp())).toBe('It was given up; its next boot asks anew.');
  });
});
