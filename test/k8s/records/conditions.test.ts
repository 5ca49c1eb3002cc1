/** Standard conditions, so that kubectl wait works. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { conditionsOf } from '../../../src/k8s/records/conditions.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import type { HistoryEntry } from '../../../src/reboot/state/decision.ts';
import type { Phase, Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import { aDecision, aNeed, aReboot, at, mia, pending } from '../../fakes/builders.ts';
import {
  cleanedUp,
  draining,
  failed,
  givenUp,
  owed,
  rebooting,
  settling,
  stored,
  undoing,
} from '../../fakes/states.ts';
import { arbitraryReboot } from './arbitrary-reboot.ts';

const approved = { phase: 'Approved', since: at(0), decision: aDecision() } as const;
const succeeded: RebootState = {
  phase: 'Succeeded',
  since: at(9 * minute),
  decision: aDecision(),
  cordon: 'us',
  newBootId: 'boot-2',
  kernel: '6.8.0-49-generic',
  pods: 3,
  took: { drain: 1, boot: 1, settle: 1, total: 3 },
};
const ended = { since: at(0), by: mia } as const;

const entered = (phase: Phase, when: number): HistoryEntry => ({ at: at(when), what: 'entered', phase });
const conditions = (overrides: Partial<Reboot>) => conditionsOf(aReboot(overrides), 'in short');
const of = (type: string, overrides: Partial<Reboot>) =>
  conditions(overrides).find((condition) => condition.type === type);
const held = (state: RebootState, rest: Partial<Reboot>): string =>
  conditions({ state, ...rest })
    .filter(({ status }) => status === 'True')
    .map(({ type }) => type)
    .join(' ');

const holding: readonly (readonly [string, RebootState, Partial<Reboot>?])[] = [
  ['', pending],
  ['', { phase: 'Denied', since: at(0), by: mia, reason: 'no', riskDigest: 'r' }],
  ['Approved', approved],
  ['Approved Started', draining()],
  ['Approved Started', undoing()],
  ['Approved Started Drained', rebooting()],
  ['Approved Started Drained', settling()],
  ['Approved Started Drained Proven', succeeded, owed],
  ['Approved Started Drained Proven Completed', succeeded],
  ['Approved Started', failed()],
  ['Approved Started Drained', failed({ from: settling() })],
  ['Approved Started Completed', givenUp()],
  ['Approved Started', givenUp(), owed],
  ['Completed', { phase: 'Cancelled', ...ended, from: 'Pending' }],
  ['Approved Completed', { phase: 'Cancelled', ...ended, from: 'Approved' }],
  ['Approved Started', { phase: 'Cancelled', ...ended, from: 'Draining' }, owed],
  [
    'Approved Started Drained Completed',
    { phase: 'Superseded', ...ended, why: 'node-gone', from: 'Settling' },
  ],
];
it.each(holding.map(([types, state, rest = {}]) => ({ types, state, rest })))('$types hold', (row) => {
  expect(held(row.state, row.rest)).toBe(row.types);
});

it('say why one does not hold: the blocker, what is missing, the failure', () => {
  const blockers = stored([{ code: 'outside-window', sentence: 'Opens at 22:00.', clears: 'Wait.' }], 'plan');
  expect(of('Started', { state: { ...approved, blockers } })).toMatchObject({
    status: 'False',
    reason: 'OutsideWindow',
    message: 'Opens at 22:00.',
  });
  const missing = [{ code: 'not-ready', sentence: 'The node is not Ready.' }] as const;
  expect(of('Proven', { state: settling({ missing }) })).toMatchObject({ reason: 'NotReady' });
  expect(of('Completed', { state: failed() })).toMatchObject({ status: 'False', reason: 'DrainTimeout' });
});

it('have held since their phase began, whatever came after it', () => {
  const history = [
    entered('Approved', 0),
    entered('Draining', minute),
    entered('Rebooting', 3 * minute),
    entered('Settling', 4 * minute),
    entered('Succeeded', 9 * minute),
  ];
  const times = conditions({ state: succeeded, history }).map((each) => each.lastTransitionTime);
  expect(times).toEqual([0, minute, 3 * minute, 9 * minute, 9 * minute].map(at));
  const cleanup = { ...cleanedUp.cleanup, endedAt: at(10 * minute) };
  expect(of('Completed', { state: succeeded, history, cleanup })?.lastTransitionTime).toBe(at(10 * minute));
});

it('have not held since the phase that ended them, or since the reboot was first required', () => {
  const need = aNeed({ since: at(-minute) });
  const history = [entered('Approved', 0), entered('Draining', minute), entered('Undoing', 2 * minute)];
  const again = { need, state: approved, history: [...history, entered('Approved', 3 * minute)] };
  expect(of('Started', again)?.lastTransitionTime).toBe(at(3 * minute));
  expect(of('Approved', again)?.lastTransitionTime).toBe(at(0));
  expect(of('Drained', again)?.lastTransitionTime).toBe(at(-minute));
});

it('are five of one shape for every record, as metav1.Condition wants them', () => {
  fc.assert(
    fc.property(arbitraryReboot, (reboot) => {
      const found = conditionsOf(reboot, 'in short');
      expect(found.map(({ type }) => type)).toEqual([
        'Approved',
        'Started',
        'Drained',
        'Proven',
        'Completed',
      ]);
      for (const { reason, lastTransitionTime } of found) {
        expect(reason).toMatch(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/);
        expect(Date.parse(lastTransitionTime)).not.toBeNaN();
      }
    }),
  );
});
