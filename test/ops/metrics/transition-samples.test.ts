import { describe, expect, it } from 'vitest';
import { transitionSamples } from '../../../src/ops/metrics/transition-samples.ts';
import type { Sample } from '../../../src/ops/metrics/table.ts';
import type { HistoryEntry } from '../../../src/reboot/state/decision.ts';
import type { RebootState } from '../../../src/reboot/state/reboot.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aDecision, aNeed, aReboot, at, lee, mia, pending } from '../../fakes/builders.ts';
import { draining, failed as failure, rebooting, settling, undoing } from '../../fakes/states.ts';

const approved: RebootState = { phase: 'Approved', since: at(0), decision: aDecision() };
const succeeded: RebootState = {
  phase: 'Succeeded',
  since: at(5 * minute),
  decision: aDecision(),
  cordon: 'us',
  newBootId: 'boot-2',
  kernel: '6.8.0-49-generic',
  pods: 14,
  took: { drain: 1, boot: 1, settle: 1, total: 3 },
};
const failed: RebootState = {
  phase: 'Failed',
  since: at(0),
  code: 'did-not-come-back',
  sentence: 'It did not come back.',
  from: rebooting(),
};

const of = (before: RebootState, after: RebootState): readonly Sample[] =>
  transitionSamples(aReboot({ state: before }), aReboot({ state: after }));
const named = (
  samples: readonly Sample[],
  name: Sample['name'],
): readonly (Readonly<Record<string, string>> | { readonly value: number })[] =>
  samples.flatMap((sample) => (sample.name === name ? [{ ...sample.labels, value: sample.value }] : []));
const entry = (what: HistoryEntry['what'], overrides: Partial<HistoryEntry> = {}): HistoryEntry => ({
  at: at(0),
  what,
  by: mia,
  ...overrides,
});

describe('what is counted when a Reboot is saved', () => {
  it('has the time that it was in the phase that it leaves', () => {
    expect(named(of(pending, approved), 'tugboot_phase_duration_seconds')).toEqual([
      { pool: 'workers', phase: 'Pending', value: 60 },
    ]);
  });

  it('is nothing while it stays in its phase and nobody decides', () => {
    expect(of(draining(), draining({ deadline: at(20 * minute) }))).toEqual([]);
  });

  it('has no negative times, whatever the clocks of two bots say', () => {
    const later = { ...pending, since: at(second) };
    expect(named(of(later, approved), 'tugboot_phase_duration_seconds')).toMatchObject([{ value: 0 }]);
  });

  it('has every end, with the code of a failure', () => {
    const ends = (after: RebootState) => named(of(settling(), after), 'tugboot_reboots_ended_total');
    expect(ends(succeeded)).toEqual([{ pool: 'workers', result: 'Succeeded', value: 1 }]);
    expect(ends(failed)).toEqual([{ pool: 'workers', result: 'did-not-come-back', value: 1 }]);
    expect(ends(rebooting())).toEqual([]);
  });

  it('has the time from the first sign to the proof', () => {
    const since = at(-55 * minute);
    const before = aReboot({ state: settling(), need: aNeed({ since }) });
    const samples = transitionSamples(before, { ...before, state: succeeded });
    expect(named(samples, 'tugboot_reboot_duration_seconds')).toEqual([{ pool: 'workers', value: 3600 }]);
  });

  it('has how each drain ended', () => {
    const outcomes = [rebooting(), undoing(), failure({ from: draining() })].map((after) =>
      named(of(draining(), after), 'tugboot_drains_total'),
    );
    expect(outcomes).toMatchObject([
      [{ outcome: 'drained' }],
      [{ outcome: 'undone' }],
      [{ outcome: 'failed' }],
    ]);
    expect(named(of(settling(), failed), 'tugboot_drains_total')).toEqual([]);
  });
});

describe('decisions', () => {
  const counted = (before: readonly HistoryEntry[], after: readonly HistoryEntry[]) =>
    named(
      transitionSamples(aReboot({ history: before }), aReboot({ history: after })),
      'tugboot_decisions_total',
    );

  it('are counted by what was decided and by the kind of the principal, and carry no name', () => {
    const rule = { kind: 'rule', pool: 'workers' } as const;
    expect(counted([], [entry('approved', { by: rule }), entry('snoozed')])).toEqual([
      { pool: 'workers', decision: 'approved', by: 'rule', value: 1 },
      { pool: 'workers', decision: 'snoozed', by: 'user', value: 1 },
    ]);
  });

  it('are counted once, also where the oldest of the history have gone', () => {
    const old = [entry('snoozed', { at: at(-minute) }), entry('asked-again', { at: at(-second) })];
    expect(counted(old, [...old.slice(1), entry('approved', { by: lee })])).toMatchObject([
      { decision: 'approved' },
    ]);
  });

  it('are counted where they begin a phase in the same moment as the one before began', () => {
    const asked = entry('entered', { phase: 'Pending' });
    const begun = entry('entered', { phase: 'Approved' });
    expect(counted([asked], [asked, entry('approved'), begun])).toMatchObject([{ decision: 'approved' }]);
  });

  it('are not what happened to one', () => {
    expect(counted([], [entry('lapsed'), entry('undone'), entry('moved')])).toEqual([]);
  });
});
