import { describe, expect, it } from 'vitest';
import type { AuditedRequest } from '../cluster/harness/audit-log.ts';
import { cellOf, drainRows, drainTable, type Cell, type Measured } from './drain-report.ts';

const eviction = '/api/v1/namespaces/default/pods/web-0/eviction';
const asked = (overrides: Partial<AuditedRequest>): AuditedRequest => ({
  at: 1500,
  userAgent: 'tugboot/bench',
  user: 'admin',
  verb: 'create',
  uri: eviction,
  status: 201,
  ...overrides,
});
const cell = (overrides: Partial<Cell> = {}): Cell => ({
  ms: 1000,
  requests: 40,
  refused: 0,
  failures: 0,
  ...overrides,
});
const measured = (overrides: Partial<Measured> = {}): Measured => ({
  pods: 30,
  budgets: 'no budget',
  blockedFor: 60_000,
  ours: cell(),
  kubectl: cell({ ms: 4000, requests: 100 }),
  ...overrides,
});

describe('the figures of a drain', () => {
  it('count what the one program has asked while it drained, and its refusals', () => {
    const log = [
      asked({}),
      asked({ status: 429 }),
      // A 429 of load shedding is not a refused eviction.
      asked({ status: 429, uri: '/api/v1/pods' }),
      asked({ verb: 'watch', uri: '/api/v1/pods?watch=true', status: 0 }),
      asked({ userAgent: 'kubectl/v1.35.0 (linux/amd64) kubernetes/abc' }),
      asked({ userAgent: 'tugboot-test' }),
      asked({ at: 999 }),
      asked({ at: 2001 }),
    ];
    const span = { began: 1000, ended: 2000 };
    expect(cellOf(log, 'ours', span)).toEqual({ ms: 1000, requests: 4, refused: 1 });
    expect(cellOf(log, 'kubectl', span)).toEqual({ ms: 1000, requests: 1, refused: 0 });
  });

  it('are held against kubectl’s: time and requests in every case, refusals where a budget is blocked', () => {
    const blocked = measured({
      budgets: 'blocked budget',
      ours: cell({ refused: 31 }),
      kubectl: cell({ refused: 300 }),
    });
    expect(drainRows([measured(), blocked]).map(({ what, value, ok }) => [what, value, ok])).toEqual([
      ['30 pods, no budget: time, ours ÷ kubectl (p50)', 0.25, true],
      ['30 pods, no budget: requests, ours ÷ kubectl (p50)', 0.4, true],
      ['30 pods, blocked budget for 60 s: time, ours ÷ kubectl (p50)', 1, true],
      ['30 pods, blocked budget for 60 s: requests, ours ÷ kubectl (p50)', 1, false],
      ['30 pods, blocked budget for 60 s: refusals, ours ÷ kubectl (p50)', 0.103, false],
    ]);
  });

  it('miss the aim where kubectl has none to beat', () => {
    const odd = measured({ ours: cell({ requests: 1 }), kubectl: cell({ requests: 0 }) });
    expect(drainRows([odd])[1]?.ok).toBe(false);
  });

  it('stand in one aligned line for each case', () => {
    const lines = drainTable([measured(), measured({ pods: 250, budgets: 'many budgets' })]).split('\n');
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
    expect(lines[1]).toMatch(/^30 pods, no budget +1\.00 +4\.00 +40 +100 +0 +0 +0 +0$/);
  });
});
