/** What earlier versions stored is read in the present shape. */
import { describe, expect, it } from 'vitest';
import { readReboot } from '../../../src/k8s/records/reboot-object.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { aDecision, aReboot, at, mia } from '../../fakes/builders.ts';
import { cleanedUp, draining, owed, stored } from '../../fakes/states.ts';
import { readBack, storedObject } from './stored-object.ts';

const decision = aDecision({ mode: 'window' });
const approved = { phase: 'Approved', since: at(0), decision } as const;

function earlierObject(state: object): unknown {
  const object = storedObject(aReboot());
  const { need, facts, chat, history } = object.status;
  return { ...object, status: { need, facts, chat, history, ...state } };
}
const earlier = (state: object): unknown => readBack(earlierObject(state));

describe('version 0.1.0', () => {
  const undo = {
    why: 'window-closed',
    cause: 'its window closed before it was drained',
    times: 1,
    pods: [],
    budgets: [],
  };

  it('had a drain that was being undone as Cancelled: what it owes is not forgotten', () => {
    const by = { kind: 'rule', pool: 'workers' };
    const cancelled = {
      phase: 'Cancelled',
      since: at(0),
      by,
      reason: 'Its window closed.',
      endedFrom: 'Draining',
    };
    const again = { decision, why: 'window-closed' };
    expect(earlier({ ...cancelled, tidied: false, again })).toMatchObject({
      state: { phase: 'Undoing', since: at(0), decision, undo },
    });
    expect(earlier({ ...cancelled, tidied: false })).toMatchObject({
      state: { phase: 'Cancelled', by, from: 'Draining' },
    });
  });

  it('had a drain that had been undone as put back: its pause is over', () => {
    expect(earlier({ ...approved, putBack: { at: at(0), why: 'window-closed' } })).toMatchObject({
      state: { ...approved, retry: { ...undo, at: at(0), notBefore: at(0) } },
    });
    const what = { history: [{ at: at(0), what: 'put-back', reason: 'Its window closed.' }] };
    expect(earlier({ ...approved, ...what })).toMatchObject(what);
  });
});

describe('blockers in two places', () => {
  const firing = { code: 'alerts-firing', sentence: 'Alert X fires.', clears: 'It clears.' } as const;
  const paused = { code: 'paused', sentence: 'It is paused.', clears: 'Resume it.' } as const;
  const held = { at: at(minute), blockers: [firing] };
  const waits = { at: at(2 * minute), blockers: [firing, paused] };

  it('are one list, those of the gates first and each of them once', () => {
    const gates = stored([firing], 'gatekeeper', at(minute));
    const plan = stored([paused], 'plan', at(2 * minute));
    expect(earlier({ ...approved, held, waits })).toMatchObject({ state: { blockers: [...gates, ...plan] } });
    expect(earlier({ ...approved, held: { ...held, cleared: at(3 * minute) } })).toMatchObject({
      state: { blockers: gates.map((each) => ({ ...each, cleared: at(3 * minute) })) },
    });
  });

  it('are those of an older bot where it wrote last', () => {
    const blockers = stored([paused], 'plan', at(minute));
    expect(earlier({ ...approved, blockers, held })).toMatchObject({ state: { blockers: [firing] } });
  });

  it('are left over where an older bot has begun the phase anew', () => {
    const blockers = stored([paused], 'plan', at(-minute));
    expect(earlier({ ...approved, blockers })).not.toHaveProperty('state.blockers');
  });
});

describe('the clean-up in the state', () => {
  const from = 'Draining';
  const end = { phase: 'Cancelled', since: at(0), by: mia, endedFrom: from } as const;
  const goesDown = { since: at(0), until: at(minute), overdue: false };

  it('is one beside it: owed, over with what stays, or over with nothing to say', () => {
    expect(earlier({ ...end, tidied: false, goesDown })).toMatchObject({
      state: { phase: 'Cancelled', from },
      cleanup: { since: at(0), goesDown },
    });
    expect(earlier({ ...end, tidied: true, staysCordoned: 'goes-down' })).toMatchObject({
      cleanup: { since: at(0), endedAt: at(0), staysCordoned: 'goes-down' },
    });
    expect(earlier({ ...end, tidied: true })).not.toHaveProperty('cleanup');
  });

  it('is owed by a drain that is being undone', () => {
    const undo = { why: 'stuck', cause: 'x', times: 1, pods: [], budgets: [] };
    expect(earlier({ phase: 'Undoing', since: at(0), decision, undo, goesDown })).toMatchObject({
      cleanup: { since: at(0), goesDown },
    });
  });

  it('is that of an older bot where it wrote last', () => {
    const cleanup = { since: at(0) };
    expect(earlier({ ...end, tidied: true, cleanup })).not.toHaveProperty('cleanup');
    expect(earlier({ ...end, tidied: false, cleanup: { ...cleanup, endedAt: at(0) } })).toMatchObject({
      cleanup: { since: at(0) },
    });
    const before = { since: at(-minute), endedAt: at(-minute) };
    expect(earlier({ ...end, tidied: false, cleanup: before })).toMatchObject({ cleanup: { since: at(0) } });
    expect(earlier({ ...approved, cleanup: before })).not.toHaveProperty('cleanup');
  });

  it('is stored for an older bot too, which requires it of each end', () => {
    const state = { phase: 'Cancelled', since: at(0), by: mia, from } as const;
    const status = (rest: Partial<Reboot>) => storedObject(aReboot({ state, ...rest })).status;
    expect(status(owed)).toMatchObject({ tidied: false });
    expect(status(cleanedUp)).toMatchObject({ tidied: true });
    expect(status({})).toMatchObject({ tidied: true });
    expect(status({ state: approved })).not.toHaveProperty('tidied');
  });

  it('of a failure that was given up is that of a phase of its own', () => {
    const failure = { phase: 'Failed', since: at(-minute), code: 'drain-error', sentence: 'x' } as const;
    const givenUp = { by: mia, at: at(0), leaveCordoned: true };
    expect(earlier({ ...failure, failedFrom: draining(), givenUp, tidied: false })).toMatchObject({
      state: { phase: 'GivenUp', since: at(0), by: mia, failedAt: at(-minute), from: draining() },
      cleanup: { since: at(0) },
    });
    expect(earlier({ ...failure, failedFrom: draining(), tidied: true })).toMatchObject({
      state: { phase: 'Failed', since: at(-minute) },
    });
  });
});

it('is told from a record that this version wrote', () => {
  const isCurrent = (object: unknown): unknown => {
    const read = readReboot(object);
    return read.ok && read.current;
  };
  expect(isCurrent(storedObject(aReboot({ state: approved })))).toBe(true);
  expect(isCurrent(earlierObject(approved))).toBe(false);
});
