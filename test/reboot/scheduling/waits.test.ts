/** What holds a node back stands in its record too, for those who read it with kubectl. */
import { expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { aDecision, aPerson, aPolicy, aPool, at, mia, noon, pending } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';
import { inState } from '../../fakes/states.ts';

const paused: Blocker = { code: 'paused', sentence: 'Pool workers is paused.', clears: 'Resume it.' };
const taken: Blocker = { code: 'turn-taken', sentence: 'w2 is draining.', clears: 'It is done.' };

const approved = inState({ phase: 'Approved', since: at(0), decision: aDecision() });
const noted = (blockers: readonly Blocker[], from = approved, now = noon) =>
  transition(from, { type: 'blocked', by: 'plan', blockers }, { pool: aPool(), now });

it('is noted with the time, and written again only after a while when it is the same in other words', () => {
  const step = noted([paused]);
  expect(step).toMatchObject({
    ok: true,
    reboot: { state: { blockers: [{ ...paused, source: 'plan', at: at(0) }] } },
  });
  if (!step.ok) return;
  const other = { ...paused, sentence: 'Pool workers is paused by @lee.' };
  const later = noted([other], step.reboot, noon + 5 * minute - second);
  expect(later.ok && later.reboot).toBe(step.reboot);
  const rewritten = noted([other], step.reboot, noon + 5 * minute);
  expect(rewritten).toMatchObject({ reboot: { state: { blockers: [other] } } });
  const never = noted([paused], step.reboot, noon + 60 * minute);
  expect(never.ok && never.reboot).toBe(step.reboot);
});

it('is written anew when it is something else, and not more often than once a minute', () => {
  const first = noted([paused]);
  if (!first.ok) throw new Error('not noted');
  const soon = noted([taken], first.reboot, noon + minute - second);
  expect(soon.ok && soon.reboot).toBe(first.reboot);
  expect(noted([taken], first.reboot, noon + minute)).toMatchObject({
    reboot: { state: { blockers: [{ ...taken, at: at(minute) }] } },
  });
  const free = noted([], first.reboot, noon + minute);
  expect(free.ok && free.reboot.state).not.toHaveProperty('blockers');
});

it('is of no phase but one', () => {
  expect(noted([paused], inState(pending))).toMatchObject({ ok: false });
});

it('is written when an approved node is held back, and gone with its start', async () => {
  const harness = serviceHarness(aPolicy({ pools: [aPool({})] }));
  const reboot = await harness.sentinel({ name: 'w1' });
  await harness.pauses.put({ scope: { kind: 'cluster' }, by: mia, at: at(0) });
  const { digest } = reboot.need;
  await harness.service.decide(reboot.name, { kind: 'approve', mode: 'now', digest }, aPerson());
  await harness.settle();
  expect(harness.reboot(reboot.name).state).toMatchObject({
    phase: 'Approved',
    blockers: [{ code: 'paused', sentence: 'The whole cluster is paused by @mia.' }],
  });
  await harness.pauses.lift({ kind: 'cluster' });
  await harness.service.planChanged();
  await harness.settle();
  expect(harness.reboot(reboot.name).state).toMatchObject({ phase: 'Rebooting' });
  expect(harness.reboot(reboot.name).state).not.toHaveProperty('blockers');
});
