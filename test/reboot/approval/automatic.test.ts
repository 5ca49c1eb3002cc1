/** When a rule may approve: what it must leave to people. */
import { describe, expect, it } from 'vitest';
import { automaticApproval } from '../../../src/reboot/approval/automatic-approval.ts';
import type { Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import { hour, minute, toTimestamp } from '../../../src/reboot/time/time.ts';
import { aDecision, aPool, aReboot, aWindow, at, mia, noon, pending } from '../../fakes/builders.ts';

/** Its card was posted with the notice long over. */
const shown = (state: RebootState, overrides: Partial<Reboot> = {}): Reboot => {
  const card = { channel: 'C0OPS', ts: String((noon - 48 * hour) / 1000), hash: 'h' };
  return aReboot({ state, chat: { replies: {}, card }, ...overrides });
};
const rules = [
  aPool({ approval: 'auto' }),
  aPool({ approval: 'auto', windows: [aWindow()] }),
  aPool({ approval: 'window', windows: [aWindow()] }),
];
const asked: RebootState = { ...pending, since: at(-48 * hour) };

describe('a rule', () => {
  it('approves what waits for a decision', () => {
    for (const pool of rules)
      expect(automaticApproval(shown(asked), pool, noon), pool.approval).toBeDefined();
  });

  it.each<RebootState>([
    { phase: 'Snoozed', since: at(-hour), until: at(hour), by: mia },
    { phase: 'Snoozed', since: at(-hour), until: at(-minute), by: mia },
    { phase: 'Denied', since: at(-hour), by: mia, reason: 'release', riskDigest: 'aaaa' },
    { phase: 'Approved', since: at(-hour), decision: aDecision() },
    { phase: 'Cancelled', since: at(-hour), by: mia, from: 'Pending' },
  ])('approves nothing that a person has decided: $phase', (state) => {
    for (const pool of rules) expect(automaticApproval(shown(state), pool, noon)).toBeUndefined();
  });

  it('approves nothing in a manual pool, whether it has windows or not', () => {
    for (const windows of [[], [aWindow()]])
      expect(automaticApproval(shown(asked), aPool({ approval: 'manual', windows }), noon)).toBeUndefined();
  });

  it('approves nothing without a card, nor by a card whose time cannot be read', () => {
    for (const pool of rules) {
      expect(automaticApproval(aReboot({ state: asked }), pool, noon)).toBeUndefined();
      const card = { channel: 'C0OPS', ts: 'soon', hash: 'h' };
      const unread = shown(asked, { chat: { replies: {}, card } });
      expect(automaticApproval(unread, pool, noon)).toBeUndefined();
    }
  });

  it('gives a question that is put again the whole notice again, however old its card is', () => {
    const opens = Date.UTC(2026, 10, 24, 1);
    const notice = 12 * hour;
    const pool = aPool({ approval: 'window', windows: [aWindow()], noticePeriod: notice });
    // Asked again an hour before the window opens: its notice ends after that window has closed.
    const again = shown({ ...pending, since: toTimestamp(opens - hour) });
    expect(automaticApproval(again, pool, opens)?.at).toBe(opens + 7 * 24 * hour);
    const inTime = shown({ ...pending, since: toTimestamp(opens - notice + hour) });
    expect(automaticApproval(inTime, pool, opens)?.at).toBe(opens + hour);
  });
});
