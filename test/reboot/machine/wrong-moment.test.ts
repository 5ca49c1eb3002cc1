/**
 * Decisions that come at the wrong moment: each is refused with a sentence, and leaves the Reboot as it was.
 */
import { describe, expect, it } from 'vitest';
import type { Phase, Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import type { Principal } from '../../../src/reboot/state/decision.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import type { RebootEvent } from '../../../src/reboot/machine/events/events.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { aDecision, aPool, aWindow, at, lee, mia, noon, pending } from '../../fakes/builders.ts';
import {
  cleanedUp,
  draining,
  failed,
  givenUp,
  inState,
  owed,
  rebooting,
  settling,
  undoing,
} from '../../fakes/states.ts';

const context = { pool: aPool(), now: noon };
type Decision = Extract<RebootEvent, { by: Principal }>['type'];
const decisions = {
  approved: { type: 'approved', by: lee, mode: 'now', digest: '4f1c' },
  snoozed: { type: 'snoozed', by: lee, until: noon + hour },
  denied: { type: 'denied', by: lee, reason: 'release day' },
  'asked-again': { type: 'asked-again', by: lee },
  requested: { type: 'requested', by: lee },
  cancelled: { type: 'cancelled', by: lee },
  retried: { type: 'retried', by: lee },
  skipped: { type: 'skipped', by: lee },
  forced: { type: 'forced', by: lee, reason: 'db is down anyway' },
} as const satisfies Partial<Record<Decision, RebootEvent>>;
type Kind = keyof typeof decisions;

const refusal = (reboot: Reboot, event: RebootEvent, ctx = context) => {
  const step = transition(reboot, event, ctx);
  if (step.ok) throw new Error(`${event.type} was taken: ${JSON.stringify(step.reboot.state)}`);
  return step.rejection;
};
const phaseAfter = (state: RebootState, kind: Kind, rest: Partial<Reboot> = {}): Phase | 'refused' => {
  const step = transition(inState(state, rest), decisions[kind], context);
  return step.ok ? step.reboot.state.phase : 'refused';
};

const approved: RebootState = { phase: 'Approved', since: at(0), decision: aDecision() };
const succeeded: RebootState = {
  phase: 'Succeeded',
  since: at(0),
  decision: aDecision(),
  cordon: 'us',
  newBootId: 'boot-2',
  kernel: 'k',
  pods: 1,
  took: { drain: 1, boot: 1, settle: 1, total: 3 },
};
describe('a decision that comes too late', () => {
  /** What each phase takes. Whatever is not named is refused. */
  const taken: Readonly<Record<string, readonly [RebootState, Partial<Record<Kind, Phase>>]>> = {
    Pending: [
      pending,
      { approved: 'Approved', snoozed: 'Snoozed', denied: 'Denied', cancelled: 'Cancelled' },
    ],
    Snoozed: [
      { phase: 'Snoozed', since: at(0), until: at(hour), by: mia },
      {
        approved: 'Approved',
        snoozed: 'Snoozed',
        denied: 'Denied',
        'asked-again': 'Pending',
        requested: 'Pending',
        cancelled: 'Cancelled',
      },
    ],
    Denied: [
      { phase: 'Denied', since: at(0), by: mia, reason: 'x', riskDigest: 'aaaa' },
      { 'asked-again': 'Pending', requested: 'Pending' },
    ],
    Approved: [approved, { cancelled: 'Cancelled' }],
    Draining: [draining(), { cancelled: 'Cancelled', forced: 'Draining' }],
    Undoing: [undoing(), { cancelled: 'Cancelled' }],
    Rebooting: [rebooting(), {}],
    Settling: [settling(), {}],
    Succeeded: [succeeded, {}],
    'Failed in its drain': [failed(), { retried: 'Draining', skipped: 'GivenUp', forced: 'Draining' }],
    'Failed after its order': [failed({ from: rebooting() }), { retried: 'Draining', skipped: 'GivenUp' }],
    'Failed in its proof': [failed({ from: settling() }), { retried: 'Settling', skipped: 'GivenUp' }],
    'given up': [givenUp(), { 'asked-again': 'Pending', requested: 'Pending' }],
    'given up after its order': [
      givenUp({ from: rebooting() }),
      { 'asked-again': 'Pending', requested: 'Pending' },
    ],
    // The boot that was to end is over: there is nothing to ask for any more.
    'given up in its proof': [givenUp({ from: settling() }), {}],
  };
  it.each(Object.keys(taken))('is refused with a sentence: %s', (name) => {
    const [state, allowed] = taken[name] ?? expect.unreachable(name);
    const kinds = Object.keys(decisions) as readonly Kind[];
    const seen = Object.fromEntries(kinds.map((kind) => [kind, phaseAfter(state, kind)]));
    expect(seen).toEqual({ ...Object.fromEntries(kinds.map((kind) => [kind, 'refused'])), ...allowed });
    for (const kind of kinds)
      if (allowed[kind] === undefined)
        expect(refusal(inState(state), decisions[kind]).sentence).toMatch(/[.?]$/);
  });

  it('tells who wants to deny or snooze what was decided already how to stop it, while it can be stopped', () => {
    for (const state of [approved, draining(), undoing()])
      for (const kind of ['denied', 'snoozed'] as const)
        expect(refusal(inState(state), decisions[kind])).toEqual({
          code: 'already-decided',
          sentence: expect.stringMatching(/decided by @mia\. Cancel stops it\.$/),
        });
    expect(refusal(inState(rebooting()), decisions.denied).sentence).not.toContain('Cancel');
  });

  it('is refused while what the last one owes is not done: retry, force, and the question again', () => {
    const owing: readonly (readonly [RebootState, Kind])[] = [
      [failed(), 'retried'],
      [failed(), 'forced'],
      [givenUp(), 'asked-again'],
      [givenUp(), 'requested'],
      [{ phase: 'Cancelled', since: at(0), by: mia, from: 'Draining' }, 'asked-again'],
      [{ phase: 'Cancelled', since: at(0), by: mia, from: 'Draining' }, 'requested'],
      [{ phase: 'Superseded', since: at(0), why: 'no-longer-required', from: 'Draining' }, 'asked-again'],
    ];
    for (const [state, kind] of owing) {
      expect(phaseAfter(state, kind, owed), `${state.phase} ${kind}`).toBe('refused');
      expect(phaseAfter(state, kind, cleanedUp), state.phase).not.toBe('refused');
    }
  });
});

describe('an approval', () => {
  it('for now is taken inside the window, also where the pool starts nothing outside of it', () => {
    const pool = aPool({ windows: [aWindow()], approveNowOutsideWindow: false });
    const inside = { pool, now: Date.UTC(2026, 10, 24, 1, 30) };
    expect(transition(inState(pending), decisions.approved, inside)).toMatchObject({ ok: true });
    expect(refusal(inState(pending), decisions.approved, { pool, now: noon }).code).toBe('outside-window');
  });

  it('of a rule is enough, however many people it takes, and is given once', () => {
    const two = { pool: aPool({ approvalsNeeded: 2, approval: 'auto' }), now: noon };
    const byRule = { ...decisions.approved, by: { kind: 'rule', pool: 'workers' } } as const;
    const step = transition(inState(pending), byRule, two);
    if (!step.ok) throw new Error(step.rejection.sentence);
    expect(step.reboot.state.phase).toBe('Approved');
    expect(refusal(step.reboot, byRule, two).code).toBe('already-decided');
    const byWindow = { ...byRule, by: { kind: 'window', pool: 'workers', window: 'w' } } as const;
    expect(refusal(step.reboot, byWindow, two).code).toBe('already-decided');
  });
});

describe('after a failed proof', () => {
  it.each(['not-healthy', 'rebooted-again'] as const)('skip leaves a node cordoned that is %s', (code) => {
    const step = transition(inState(failed({ code, from: settling() })), decisions.skipped, context);
    expect(step.ok && step.reboot.state).toMatchObject({ phase: 'GivenUp', leaveCordoned: true });
  });
  it('a retry counts no health from before', () => {
    const from = settling({ healthySince: at(-59 * second), since: at(-10 * minute) });
    const step = transition(inState(failed({ code: 'not-healthy', from })), decisions.retried, context);
    expect(step.ok && step.reboot.state).not.toHaveProperty('healthySince');
  });
});
