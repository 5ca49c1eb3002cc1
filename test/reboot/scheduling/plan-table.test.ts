/**
 * The plan as a specification: each row is a rule, told once. What holds for every cluster is in
 * plan-properties.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { type BlockerFacts, blockerFacts } from '../../../src/reboot/scheduling/blockers/blocker-facts.ts';
import { gates } from '../../../src/reboot/scheduling/plan/gates.ts';
import { plan } from '../../../src/reboot/scheduling/plan/plan.ts';
import { noon } from '../../fakes/builders.ts';
import { waits } from './plan-table/actors.ts';
import { controlPlane } from './plan-table/control-plane.ts';
import { rollouts } from './plan-table/rollout.ts';
import { outOfService, shares } from './plan-table/room.ts';
import { check, codesIn, policyOf, type Row, snapshotOf } from './plan-table/row.ts';
import { loops, observed, outside, rules, together, unwatched } from './plan-table/rules.ts';
import { spacing } from './plan-table/spacing.ts';
import { concurrency, failures } from './plan-table/turns.ts';
import { approvals, packages, pauses, views } from './plan-table/views-and-pauses.ts';
import { finishing, openings } from './plan-table/windows.ts';
import { order, zones } from './plan-table/zones-and-order.ts';

const themes: Readonly<Record<string, readonly Row[]>> = {
  'what is approved': approvals,
  'a view of the cluster': views,
  'a pause': pauses,
  'a package manager at work': packages,
  'a window': openings,
  'the end of a window': finishing,
  turns: concurrency,
  'a failure': failures,
  'nodes out of service': outOfService,
  'the control plane': controlPlane,
  zones,
  'a rollout in stages': rollouts,
  'time between reboots': spacing,
  'reboot loops': loops,
  'starts of a pool that is only observed': observed,
  'starts that nobody could watch': unwatched,
  rules,
  'the outside': outside,
  'the order of all': order,
  'many reasons': together,
};

for (const [theme, rows] of Object.entries(themes))
  describe(`the plan and ${theme}`, () => {
    it.each(rows)('$it', (row) => check(row));
  });

describe('the plan and a share of the pool', () => {
  it.each(shares)('lets %j of 1 to 12 nodes be out: %j', (maxUnavailable, expected) => {
    const startsOf = (size: number): number => {
      const given = Array.from({ length: size }, (_, n) => waits(`w${n}`));
      const row: Row = { it: '', pool: { maxUnavailable }, given };
      return plan(snapshotOf(row, noon), policyOf(row), noon).starts.length;
    };
    expect(expected.map((_, n) => startsOf(n + 1))).toEqual(expected);
  });
});

describe('the table', () => {
  it('tells of every blocker that a gate of the plan can give, with its sentence and what clears it', () => {
    const given = [...new Set(gates.flatMap(({ codes }) => codes))];
    expect(given.length).toBeGreaterThan(15);
    const told = new Set(Object.values(themes).flat().flatMap(codesIn));
    expect(given.filter((code) => !told.has(code))).toEqual([]);
  });

  it('says when a blocker ends by itself only where its facts say that time clears it', () => {
    const told = Object.values(themes)
      .flat()
      .flatMap(({ blocked = {} }) => Object.values(blocked))
      .flatMap((each) => (typeof each === 'string' ? [] : each));
    const timed = new Set(told.filter(({ until }) => until !== undefined).map(({ code }) => code));
    expect(timed.size).toBeGreaterThan(4);
    const facts: Readonly<Record<string, BlockerFacts>> = blockerFacts;
    expect([...timed].filter((code) => !facts[code]?.clearedBy.includes('time'))).toEqual([]);
  });

  it('has no two rows of the same name', () => {
    for (const rows of Object.values(themes))
      expect(new Set(rows.map((row) => row.it)).size).toBe(rows.length);
  });
});
