import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/reboot/scheduling/plan/plan.ts';
import type { Impact } from '../../../src/reboot/state/impact.ts';
import type { Principal } from '../../../src/reboot/state/decision.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { assessed } from '../../../src/reboot/machine/decisions/assessed.ts';
import { aPolicy, aPool, at, noon } from '../../fakes/builders.ts';
import { type Actor, mia, rule, waits } from './plan-table/actors.ts';

const anImpact = (overrides: Partial<Impact>): Impact => ({
  at: at(0),
  podsToMove: 3,
  podsStaying: 1,
  blockedBy: [],
  lost: [],
  emptyDir: [],
  refusals: [],
  ...overrides,
});

/** With a rule: else what a rule approved would be held back for that alone. */
const policy = aPolicy({ pools: [aPool({ approval: 'auto' })] });

/**
 * What is known of an approved node that is not Ready: what its card said, and what each look since found.
 */
function startsAfter(by: Principal, card: Partial<Impact> | undefined, ...looks: readonly Partial<Impact>[]) {
  const { node, reboot }: Actor = waits('w1', { ready: false, by: [by] });
  if (!node || !reboot) throw new Error('an actor without a node');
  const { impact: _, ...unseen } = reboot;
  let known: Reboot = card === undefined ? unseen : { ...unseen, impact: anImpact(card) };
  for (const look of looks) {
    const step = assessed(known, anImpact(look));
    if (!step.ok) throw new Error(step.rejection.sentence);
    known = step.reboot;
  }
  const snapshot = {
    nodes: [node],
    reboots: [known],
    ledger: { turns: [] },
    heardAt: noon,
    pauses: [],
    ownNodes: [],
  };
  return plan(snapshot, policy, noon).starts.length === 1;
}

const down = { nodeNotReady: true };

describe('a node that is not Ready starts', () => {
  it('when a person approved it while its card said so', () => {
    expect(startsAfter(mia, down, down)).toBe(true);
    expect(startsAfter(mia, down, down, down)).toBe(true);
  });

  it('not before it was looked at again', () => {
    expect(startsAfter(mia, down)).toBe(false);
  });

  it('not when that came after the approval, however often it is looked at', () => {
    expect(startsAfter(mia, {}, down)).toBe(false);
    expect(startsAfter(mia, {}, down, down)).toBe(false);
    expect(startsAfter(mia, undefined, down)).toBe(false);
  });

  it('not when it had come back in between', () => {
    expect(startsAfter(mia, down, down, {}, down)).toBe(false);
  });

  it('never by a rule, which reads no card', () => {
    expect(startsAfter(rule, down, down)).toBe(false);
  });
});
