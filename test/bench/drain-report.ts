/** From the audit log to figures, and from figures to the table. */
import type { AuditedRequest } from '../cluster/harness/audit-log.ts';
import type { Budgets } from './drain-workload.ts';
import { row, type Row } from './report.ts';

export type Side = 'ours' | 'kubectl';

export interface Case {
  readonly pods: number;
  readonly budgets: Budgets;
  /** Of a blocked budget, in milliseconds. */
  readonly blockedFor: number;
}

export interface Cell {
  readonly ms: number;
  /** All that the program asked the API server, watches included. */
  readonly requests: number;
  /** Evictions that were answered with 429. */
  readonly refused: number;
  /** How often it ended with pods left, and was started again. */
  readonly failures: number;
}

export interface Measured extends Case {
  readonly ours: Cell;
  readonly kubectl: Cell;
}

const agents: Readonly<Record<Side, RegExp>> = { ours: /^tugboot\//, kubectl: /^kubectl\// };

export function cellOf(
  requests: readonly AuditedRequest[],
  side: Side,
  { began, ended }: { readonly began: number; readonly ended: number },
): Omit<Cell, 'failures'> {
  const its = requests.filter(
    ({ userAgent, at }) => agents[side].test(userAgent) && at >= began && at <= ended,
  );
  const refused = its.filter(({ status, uri }) => status === 429 && uri.includes('/eviction'));
  return { ms: ended - began, requests: its.length, refused: refused.length };
}

const aims = { time: 1, requests: 0.5, refused: 0.1 };

const nameOf = ({ pods, budgets, blockedFor }: Case): string =>
  `${pods} pods, ${budgets}${budgets === 'blocked budget' ? ` for ${blockedFor / 1000} s` : ''}`;

/** A figure that is zero on both sides has no aim. */
const ratio = (ours: number, theirs: number): number =>
  ours === 0 ? 0 : Math.round((1000 * ours) / theirs) / 1000;

/** One aim per row: how much of kubectl's figure ours is. */
export function drainRows(measured: readonly Measured[]): readonly Row[] {
  const byCase = Map.groupBy(measured, nameOf);
  return [...byCase].flatMap(([name, runs]) => {
    const one = (what: string, limit: number, pick: (cell: Cell) => number): Row =>
      row(
        { what: `${name}: ${what}, ours ÷ kubectl`, unit: '×', share: 0.5, limit },
        runs.map(({ ours, kubectl }) => ratio(pick(ours), pick(kubectl))),
      );
    const refused = one('refusals', aims.refused, (cell) => cell.refused);
    return [
      one('time', aims.time, ({ ms }) => ms),
      one('requests', aims.requests, ({ requests }) => requests),
      ...(runs[0]?.budgets === 'blocked budget' ? [refused] : []),
    ];
  });
}

const header = ['', 's', 'kubectl', 'requests', 'kubectl', '429', 'kubectl', 'failed', 'kubectl'];

/** The figures themselves. */
export function drainTable(measured: readonly Measured[]): string {
  const seconds = ({ ms }: Cell): string => (ms / 1000).toFixed(2);
  const lines = measured.map((each) => [
    nameOf(each),
    seconds(each.ours),
    seconds(each.kubectl),
    String(each.ours.requests),
    String(each.kubectl.requests),
    String(each.ours.refused),
    String(each.kubectl.refused),
    String(each.ours.failures),
    String(each.kubectl.failures),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  return [header, ...lines]
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
