import { expect, it } from 'vitest';
import { backedOff, atRest, nextAt } from '../../../src/k8s/gates/adaptive-backoff.ts';
import { gateRetryInterval } from '../../../src/reboot/deadlines/next-wake.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { noon } from '../../fakes/builders.ts';

it('the first change is asked about at once, each further one after twice the wait of the one before, up to the usual period', () => {
  expect(nextAt(atRest)).toBeLessThan(noon);
  const waits: number[] = [];
  let now = noon;
  let state = atRest;
  for (let change = 0; change < 9; change += 1) {
    state = backedOff(state, now);
    waits.push(nextAt(state) - now);
    now = nextAt(state);
  }
  expect(waits).toEqual([
    250,
    500,
    1000,
    2000,
    4000,
    8000,
    gateRetryInterval,
    gateRetryInterval,
    gateRetryInterval,
  ]);
});

it('after a minute of quiet a change is a first one again', () => {
  const restless = { last: noon, gap: 8000 };
  expect(backedOff(restless, noon + minute)).toEqual({ last: noon + minute, gap: 250 });
  expect(backedOff(restless, noon + minute - 1).gap).toBe(gateRetryInterval);
});
