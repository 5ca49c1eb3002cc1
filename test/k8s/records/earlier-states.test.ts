/** What earlier versions stored is read in the present shape. */
import { describe, expect, it } from 'vitest';
import { readReboot } from '../../../src/k8s/records/reboot-object.ts';
import { minute } from '../../../src/reboot/ports/time.ts';
import { aDecision, aReboot, at } from '../../fakes/builders.ts';
import { stored } from '../../fakes/states.ts';
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

it('is told from a record that this version wrote', () => {
  const isCurrent = (object: unknown): unknown => {
    const read = readReboot(object);
    return read.ok && read.current;
  };
  expect(isCurrent(storedObject(aReboot({ state: approved })))).toBe(true);
  expect(isCurrent(earlierObject(approved))).toBe(false);
});
