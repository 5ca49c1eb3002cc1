/** Every step of this version and of 0.1.0 passes the rules of the definition. */
import { expect, it } from 'vitest';
import { judgeOf } from '../../../demo/kube/types/cel-rules.ts';
import { walkMachine } from '../../../scripts/generate/states/walk-machine.ts';
import { phaseSteps } from '../../../src/reboot/schema/record-rules.ts';

/** Of its docs/states.md, and the way back of a drain that 0.1.0 had as Cancelled. */
const earlier = [
  'Pending Snoozed',
  'Pending Denied',
  'Pending Approved',
  'Pending Cancelled',
  'Snoozed Pending',
  'Snoozed Denied',
  'Snoozed Approved',
  'Snoozed Cancelled',
  'Denied Pending',
  'Approved Pending',
  'Approved Draining',
  'Approved Cancelled',
  'Draining Rebooting',
  'Draining Failed',
  'Draining Cancelled',
  'Rebooting Settling',
  'Rebooting Failed',
  'Settling Succeeded',
  'Settling Failed',
  'Failed Pending',
  'Failed Draining',
  'Failed Rebooting',
  'Failed Settling',
  'Cancelled Pending',
  'Cancelled Approved',
  'Superseded Pending',
  'Settling Superseded',
];

const passes = (from: string, to: string): boolean | undefined =>
  judgeOf(phaseSteps.rule)?.({ phase: to }, { phase: from });

it('of the machine, all of them', () => {
  const steps = walkMachine();
  expect(steps.length).toBeGreaterThan(40);
  expect(steps.filter(({ from, to }) => passes(from, to) !== true)).toEqual([]);
});

it.each(earlier)('of 0.1.0: %s', (step) => {
  const [from = '', to = ''] = step.split(' ');
  expect(passes(from, to)).toBe(true);
});

it.each([
  'Pending Draining',
  'Approved Rebooting',
  'Cancelled Draining',
  'Rebooting Succeeded',
  'Succeeded Pending',
])('and %s does not', (step) => {
  const [from = '', to = ''] = step.split(' ');
  expect(passes(from, to)).toBe(false);
});
