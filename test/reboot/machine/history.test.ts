/** The history of a Reboot has every decision and the beginning of every phase, in order. */
import { expect, it } from 'vitest';
import { type Instant, minute } from '../../../src/reboot/time/time.ts';
import type { RebootEvent } from '../../../src/reboot/machine/events/events.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { decisionsIn } from '../../../src/reboot/state/decision.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { aPool, aReboot, at, mia, noon } from '../../fakes/builders.ts';

const pool = aPool();
const later = noon + minute;

function after(reboot: Reboot, event: RebootEvent, now: Instant = noon): Reboot {
  const step = transition(reboot, event, { pool, now });
  if (!step.ok) throw new Error(`rejected: ${step.rejection.sentence}`);
  return step.reboot;
}
const approval: RebootEvent = { type: 'approved', by: mia, mode: 'now', digest: '4f1c' };

it('has the phase after the decision that led to it', () => {
  const approved = after(aReboot(), approval);
  expect(approved.history).toMatchObject([
    { at: at(0), what: 'approved', by: mia },
    { at: at(0), what: 'entered', phase: 'Approved' },
  ]);
  const started = after(approved, { type: 'turn-taken' }, later);
  const cancelled = after(started, { type: 'cancelled', by: mia }, later + minute);
  expect(cancelled.history.slice(2)).toMatchObject([
    { at: at(minute), what: 'entered', phase: 'Draining' },
    { at: at(2 * minute), what: 'cancelled' },
    { at: at(2 * minute), what: 'entered', phase: 'Cancelled' },
  ]);
  expect(decisionsIn(cancelled.history).map(({ what }) => what)).toEqual(['approved', 'cancelled']);
});

it('has no entry for a change within a phase', () => {
  const started = after(after(aReboot(), approval), { type: 'turn-taken' }, later);
  const cordoned = after(started, { type: 'cordoned', owner: 'us' }, later);
  expect(cordoned.state).toMatchObject({ cordon: 'us' });
  expect(cordoned.history).toBe(started.history);
});

it('is bounded: the oldest entries go', () => {
  let reboot = aReboot();
  for (let round = 0; round < 60; round += 1) {
    reboot = after(reboot, { type: 'denied', by: mia, reason: 'no' }, noon + round);
    reboot = after(reboot, { type: 'asked-again', by: mia }, noon + round);
  }
  expect(reboot.history).toHaveLength(100);
  expect(reboot.history.at(-1)).toMatchObject({ what: 'entered', phase: 'Pending' });
});
