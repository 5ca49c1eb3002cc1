/** A Reboot that waits is woken by what it waits for, and not by a resync. */
import { expect, it } from 'vitest';
import { day, hour, minute } from '../../../src/reboot/time/time.ts';
import { nextWindowEdge } from '../../../src/reboot/deadlines/next-wake.ts';
import { aPerson, aPolicy, aPool, aWindow, noon } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

/** From noon to one o'clock, today and in a week. */
const windows = [aWindow({ days: ['sun'], start: 12 * 60, length: 60, timeZone: 'UTC' })];

it('a node that got no turn while its window was open starts when the next one opens', async () => {
  const harness = serviceHarness(
    aPolicy({ pools: [aPool({ windows, rebootTimeout: 2 * hour, settleTime: minute })] }),
  );
  const names: string[] = [];
  for (const node of ['w1', 'w2']) {
    const { name, need } = await harness.sentinel({ name: node });
    names.push(name);
    await harness.service.decide(name, { kind: 'approve', mode: 'window', digest: need.digest }, aPerson());
    await harness.settle();
  }
  const [first = '', second = ''] = names;
  expect([harness.reboot(first).state.phase, harness.reboot(second).state.phase]).toEqual([
    'Rebooting',
    'Approved',
  ]);
  await harness.pass(90 * minute);
  await harness.boots('w1');
  await harness.pass(hour);
  expect([harness.reboot(first).state.phase, harness.reboot(second).state.phase]).toEqual([
    'Succeeded',
    'Approved',
  ]);
  await harness.pass(7 * day - 150 * minute);
  expect(harness.reboot(second).state.phase).toBe('Rebooting');
});

it('a node that rests between two reboots of its pool starts when that is over, and not at the next resync', async () => {
  const minTimeBetween = { pool: 30 * minute, node: 0 };
  const harness = serviceHarness(aPolicy({ pools: [aPool({ minTimeBetween, settleTime: minute })] }));
  const names: string[] = [];
  for (const node of ['w1', 'w2']) {
    const { name, need } = await harness.sentinel({ name: node });
    names.push(name);
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
    await harness.settle();
  }
  const [first = '', second = ''] = names;
  await harness.boots('w1');
  await harness.pass(2 * minute);
  expect([harness.reboot(first).state.phase, harness.reboot(second).state.phase]).toEqual([
    'Succeeded',
    'Approved',
  ]);
  await harness.pass(31 * minute);
  expect(harness.reboot(second).state.phase).toBe('Rebooting');
});

it.each([
  ['before the window, when it opens', -hour, 0],
  ['inside, when it closes: from then on it waits for another one', minute, hour],
  ['after it, when the next one opens', hour, 7 * day],
])('what was approved is planned again, %s', (_, now, expected) => {
  expect(nextWindowEdge(aPool({ windows }), noon + now)).toBe(noon + expected);
});
