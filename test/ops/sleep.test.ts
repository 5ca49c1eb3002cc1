import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep, timerDelay } from '../../src/ops/sleep.ts';

describe('a sleep', () => {
  const warnings: string[] = [];
  const note = ({ name }: Error): void => void warnings.push(name);
  beforeEach(() => process.on('warning', note));
  afterEach(() => {
    process.off('warning', note);
    warnings.length = 0;
  });

  it('until a moment that has passed, or that is no moment, ends at once and warns of nothing', async () => {
    await Promise.all([sleep(-5_000), sleep(Number.NaN), sleep(Number.NEGATIVE_INFINITY)]);
    await turn();
    expect(warnings).toEqual([]);
  });

  it('longer than a timer can be does not end at once, and warns of nothing', async () => {
    const stop = new AbortController();
    let over = false;
    const slept = sleep(2 ** 31 + 1_000, stop.signal).then(
      () => (over = true),
      () => 'aborted',
    );
    await sleep(20);
    expect(over).toBe(false);
    stop.abort();
    expect(await slept).toBe('aborted');
    expect(warnings).toEqual([]);
    expect(timerDelay(Number.POSITIVE_INFINITY)).toBe(2 ** 31 - 1);
  });
});
