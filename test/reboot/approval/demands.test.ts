/** What a pool demands with a decision is checked where the decision is stored, whoever asked for it. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RebootDecision } from '../../../src/reboot/approval/decision-request.ts';
import { automaticApproval } from '../../../src/reboot/approval/automatic-approval.ts';
import { eventOf } from '../../../src/reboot/machine/events/decision-event.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { isTicket, reasonedKinds } from '../../../src/reboot/policy/pool-demands.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { hour } from '../../../src/reboot/time/time.ts';
import { runsOf } from '../../property-runs.ts';
import { aNeed, aPool, aReboot, at, lee, mia, noon } from '../../fakes/builders.ts';
import { cards } from '../../bot/fixtures/cards.ts';

const changeTicket = { matches: 'CHG[0-9]{7}', example: 'CHG0012345' };
const reboots: readonly Reboot[] = Object.values(cards).map(({ reboot }) => reboot);

const text = fc.constantFrom(undefined, '', ' ', 'patches', 'CHG0012345', 'CHG1', 'xCHG0012345');
interface Terms {
  readonly changeTicket: string | undefined;
  readonly reason: string | undefined;
}

const given: fc.Arbitrary<Terms> = fc.record({ changeTicket: text, reason: text });

const asRequest = (kind: RebootDecision['kind'], digest: string, terms: Terms) => {
  const { changeTicket: ticket, reason } = terms;
  const why = reason === undefined ? {} : { reason };
  const requests: Readonly<Record<RebootDecision['kind'], RebootDecision>> = {
    approve: {
      kind: 'approve',
      mode: 'now',
      digest,
      ...(ticket === undefined ? {} : { changeTicket: ticket }),
      ...why,
    },
    snooze: { kind: 'snooze', until: noon + hour, ...why },
    deny: { kind: 'deny', reason: reason ?? '' },
    'ask-again': { kind: 'ask-again', ...why },
    cancel: { kind: 'cancel', ...why },
    retry: { kind: 'retry', ...why },
    skip: { kind: 'skip', ...why },
    force: { kind: 'force', reason: reason ?? '' },
  };
  return requests[kind];
};

describe('what a pool demands', () => {
  it('is there with every decision that is stored, and what is not demanded holds nothing up', () => {
    let stored = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...reboots),
        fc.constantFrom(...reasonedKinds, 'deny' as const, 'force' as const),
        fc.subarray([...reasonedKinds]),
        fc.boolean(),
        given,
        (reboot, kind, reasonFor, ticketed, terms) => {
          const pool = aPool({ reasonFor, ...(ticketed ? { changeTicket } : {}) });
          const event = eventOf(asRequest(kind, reboot.need.digest, terms), mia);
          const step = transition(reboot, event, { pool, now: noon });
          const free = transition(reboot, event, { pool: aPool(), now: noon });
          const reasonMissing = reasonFor.some((each) => each === kind) && (terms.reason ?? '').trim() === '';
          const ticketMissing =
            kind === 'approve' && ticketed && !isTicket(changeTicket, terms.changeTicket ?? '');
          expect(step.ok).toBe(free.ok && !reasonMissing && !ticketMissing);
          if (!step.ok) return;
          stored += 1;
          const entry = step.reboot.history.findLast(({ what }) => what !== 'entered');
          if (ticketed && kind === 'approve') expect(entry?.changeTicket).toBe('CHG0012345');
          if (reasonFor.some((each) => each === kind)) expect(entry?.reason?.trim()).not.toBe('');
        },
      ),
      { numRuns: runsOf(400) },
    );
    expect(stored).toBeGreaterThan(20);
  });

  it('is kept in the decision: the ticket and the reason of each approval', () => {
    const pool = aPool({ changeTicket, reasonFor: ['approve'], approvalsNeeded: 2 });
    const first = aReboot();
    const terms = (ticket: string, reason: string) =>
      ({ kind: 'approve', mode: 'now', digest: first.need.digest, changeTicket: ticket, reason }) as const;
    const one = transition(first, eventOf(terms('CHG0000001', 'patches'), mia), { pool, now: noon });
    if (!one.ok) throw new Error(one.rejection.sentence);
    const two = transition(one.reboot, eventOf(terms('CHG0000002', 'kernel'), lee), { pool, now: noon });
    expect(two).toMatchObject({
      reboot: {
        state: {
          phase: 'Approved',
          decision: {
            approvals: [
              { changeTicket: 'CHG0000001', reason: 'patches' },
              { changeTicket: 'CHG0000002', reason: 'kernel' },
            ],
          },
        },
      },
    });
  });

  it('is asked for after it is known that the decision is not too late', () => {
    const pool = aPool({ reasonFor: ['skip'] });
    const step = transition(aReboot(), eventOf({ kind: 'skip' }, mia), { pool, now: noon });
    expect(step).toMatchObject({ rejection: { code: 'not-possible-now' } });
  });

  it('is a ticket that no rule has: a rule approves nothing there, and its approval is refused', () => {
    const reboot = aReboot({
      need: aNeed(),
      chat: { replies: {}, card: { channel: 'C0OPS', ts: `${(noon - 24 * hour) / 1000}.1`, hash: 'h' } },
      state: { phase: 'Pending', since: at(-24 * hour), approvals: [] },
    });
    const auto = aPool({ approval: 'auto', noticePeriod: 0, windows: [] });
    expect(automaticApproval(reboot, auto, noon)).toBeDefined();
    expect(automaticApproval(reboot, { ...auto, changeTicket }, noon)).toBeUndefined();
    const by = { kind: 'rule', pool: 'workers' } as const;
    const event = eventOf({ kind: 'approve', mode: 'now', digest: reboot.need.digest }, by);
    expect(transition(reboot, event, { pool: { ...auto, changeTicket }, now: noon })).toMatchObject({
      rejection: { code: 'ticket-missing' },
    });
    // A rule gives no reasons, and needs none.
    expect(transition(reboot, event, { pool: { ...auto, reasonFor: ['approve'] }, now: noon }).ok).toBe(true);
  });

  it('describes the whole ticket, and is short', () => {
    expect(isTicket(changeTicket, 'CHG0012345')).toBe(true);
    expect(isTicket(changeTicket, 'CHG0012345 ')).toBe(false);
    expect(isTicket(changeTicket, 'see CHG0012345')).toBe(false);
    expect(isTicket({ matches: 'a|b' }, 'ac')).toBe(false);
    expect(isTicket({ matches: '.*' }, 'x'.repeat(65))).toBe(false);
  });
});
