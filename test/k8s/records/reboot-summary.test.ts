import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestSummary, summaryOf } from '../../../src/k8s/records/reboot-summary.ts';
import type { Approved, RebootState } from '../../../src/reboot/state/reboot.ts';
import { aDecision, at, mia } from '../../fakes/builders.ts';
import { draining, failed, givenUp, rebooting, settling, stored } from '../../fakes/states.ts';
import { arbitraryState } from './arbitrary-reboot.ts';

const blocker = (sentence: string) => ({ code: 'paused', sentence, clears: 'Resume it.' }) as const;
const approved = (overrides: Partial<Approved>): Approved => ({
  phase: 'Approved',
  since: at(0),
  decision: aDecision(),
  ...overrides,
});
const waiting = (...sentences: readonly string[]): Approved =>
  approved({ blockers: stored(sentences.map(blocker), 'plan') });
const ended = { since: at(0), by: mia, from: 'Approved' } as const;
const block = { budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0' };
const progress = { at: at(0), total: 14, gone: 9, leaving: [], waiting: [], trouble: [] };

const rows: readonly (readonly [string, RebootState])[] = [
  ['needs a decision', { phase: 'Pending', since: at(0), approvals: [] }],
  [
    'needs a new decision: packages changed',
    { phase: 'Pending', since: at(0), approvals: [], lapse: { at: at(0), added: ['libc6'], removed: [] } },
  ],
  [
    'snoozed until 2026-11-22 12:00 UTC',
    { phase: 'Snoozed', since: at(0), until: at(0), by: mia, reason: 'later' },
  ],
  ['denied: not today', { phase: 'Denied', since: at(0), by: mia, reason: 'not today', riskDigest: 'r' }],
  ['about to start', approved({})],
  ['Pool workers is paused by @mia.', waiting('Pool workers is paused by @mia.')],
  ['Pool workers is paused by @mia. +2', waiting('Pool workers is paused by @mia.', 'two', 'three')],
  [
    'Alert KubePersistentVolumeFillingUp is f… +1',
    waiting('Alert KubePersistentVolumeFillingUp is firing.', 'two'),
  ],
  ['Alert X fires.', approved({ blockers: stored([blocker('Alert X fires.')]) })],
  ['cordoned', draining()],
  ['9/14 pods gone', draining({ drain: progress })],
  ['9/14 pods gone, waits for db/pg', draining({ drain: { ...progress, waiting: [block] } })],
  ['told to reboot', rebooting()],
  ['is down', rebooting({ downSince: at(0) })],
  ['The agent is silent.', rebooting({ trouble: 'The agent is silent.' })],
  ['is back and being watched', settling()],
  [
    'The node is not Ready.',
    settling({ missing: [{ code: 'not-ready', sentence: 'The node is not Ready.' }] }),
  ],
  ['drain-timeout: The drain did not end in tim…', failed()],
  ['given up: drain-timeout', givenUp({ leaveCordoned: true })],
  ['cancelled', { phase: 'Cancelled', ...ended }],
  ['wrong node', { phase: 'Cancelled', ...ended, reason: 'wrong node' }],
  ['booted without Tugboot', { phase: 'Superseded', ...ended, why: 'booted' }],
];

describe('the reason that kubectl shows', () => {
  it.each(rows)('%s', (text, state) => {
    expect(summaryOf(state)).toBe(text);
  });

  it('is one short line in every state, whatever the texts in it are', () => {
    let cut = 0;
    const long = fc.string({ unit: 'grapheme', maxLength: 200, size: 'max' });
    const wordy = fc.oneof(
      long.map((sentence) => failed({ sentence })),
      fc.array(long, { minLength: 1, maxLength: 12 }).map((sentences) => waiting(...sentences)),
      long.map((reason) => ({ phase: 'Denied', since: at(0), by: mia, reason, riskDigest: 'r' }) as const),
    );
    fc.assert(
      fc.property(fc.oneof(arbitraryState, wordy), (state) => {
        const summary = summaryOf(state);
        expect(summary.length).toBeLessThanOrEqual(longestSummary);
        expect(summary).not.toMatch(/[\n\r\t]/);
        if (summary.includes('…')) cut += 1;
      }),
      { numRuns: 500 },
    );
    expect(cut).toBeGreaterThan(50);
  });
});
