import { describe, expect, it } from 'vitest';
import type { BudgetBlock, DrainProgress } from '../../../src/reboot/state/drain-facts.ts';
import type { In } from '../../../src/reboot/state/reboot.ts';
import { waitsLog } from '../../../src/reboot/show/waits-log.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aDecision, aReboot, at } from '../../fakes/builders.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';

const state = {
  phase: 'Draining',
  since: at(0),
  deadline: at(15 * minute),
  decision: aDecision(),
  cordon: 'us',
} as const;
const reboot: In<'Draining'> = { ...aReboot(), state };

const held = (budget: string, pod: string, since = 0): BudgetBlock => ({
  budget,
  needed: 2,
  healthy: 2,
  allowed: 0,
  pod,
  since: at(since),
});

/** A line for each call: its budget, pod and seconds waited. */
function setup() {
  const lines: unknown[] = [];
  const info = (_message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
    void lines.push([fields['budget'], fields['pod'], fields['waited_s']]);
  const tell = waitsLog({ ...silentLogger, info }, reboot);
  const progress = (offset: number, ...waiting: readonly BudgetBlock[]): DrainProgress => ({
    at: at(offset),
    total: 9,
    gone: 0,
    leaving: [],
    waiting,
    trouble: [],
  });
  return { lines, tell: (offset: number, ...waiting: BudgetBlock[]) => tell(progress(offset, ...waiting)) };
}

describe('the log of a drain that waits', () => {
  it('has one line for each budget, however many of its pods wait and however often progress is told', () => {
    const { lines, tell } = setup();
    for (let offset = 0; offset < 50 * second; offset += second)
      tell(offset, held('db/pg', 'db/pg-0'), held('db/pg', 'db/pg-1'), held('shop/web', 'shop/web-0'));
    expect(lines).toHaveLength(2);
    expect(lines).toContainEqual(['db/pg', 'db/pg-0', 0]);
    expect(lines).toContainEqual(['shop/web', 'shop/web-0', 0]);
  });

  it('has another one each time the wait has doubled, from a minute on', () => {
    const { lines, tell } = setup();
    for (let offset = 0; offset <= 10 * minute; offset += 5 * second) tell(offset, held('db/pg', 'db/pg-0'));
    expect(lines.map((line) => (line as unknown[])[2])).toEqual([0, 60, 120, 240, 480]);
  });

  it('begins anew with a budget that holds the drain back once more', () => {
    const { lines, tell } = setup();
    tell(0, held('db/pg', 'db/pg-0'));
    tell(second);
    tell(2 * second, held('db/pg', 'db/pg-1', 2 * second));
    expect(lines).toEqual([
      ['db/pg', 'db/pg-0', 0],
      ['db/pg', 'db/pg-1', 0],
    ]);
  });
});
