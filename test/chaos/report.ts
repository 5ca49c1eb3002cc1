/** What one schedule has shown, and the sum of many. */
import { allPoints } from './wire/points.ts';
import { invariants } from './oracle/invariant.ts';
import type { Violation } from './oracle/oracle.ts';
import type { Schedule } from './story/schedule.ts';

export interface Report {
  readonly seed: number;
  /** Of the processor. */
  readonly ms: number;
  readonly events: number;
  /** Milliseconds of virtual time. */
  readonly span: number;
  /** Points that were met. */
  readonly points: readonly string[];
  /** Points at which a bot died: `before POINT` or `after POINT`. */
  readonly crashed: readonly string[];
  readonly phases: readonly string[];
  readonly violation?: Violation;
  readonly smallest?: Schedule;
}

export interface Sum {
  readonly schedules: number;
  readonly failed: number;
  readonly msEach: number;
  readonly virtualHours: number;
  readonly invariants: number;
  readonly points: { readonly known: number; readonly met: number; readonly missing: readonly string[] };
  readonly deaths: { readonly known: number; readonly died: number; readonly missing: readonly string[] };
  readonly phases: readonly string[];
  readonly failures: readonly { readonly seed: number; readonly invariant: string; readonly what: string }[];
}

export function sumOf(reports: readonly Report[]): Sum {
  const known = allPoints();
  const met = new Set(reports.flatMap(({ points }) => points));
  const died = new Set(reports.flatMap(({ crashed }) => crashed));
  const deaths = known.flatMap((point) => [`before ${point}`, `after ${point}`]);
  const failed = reports.filter(({ violation }) => violation !== undefined);
  const total = (of: (report: Report) => number): number => reports.reduce((sum, one) => sum + of(one), 0);
  return {
    schedules: reports.length,
    failed: failed.length,
    msEach: Math.round(total(({ ms }) => ms) / Math.max(1, reports.length)),
    virtualHours: Math.round(total(({ span }) => span) / 3_600_000),
    invariants: Object.keys(invariants).length,
    points: {
      known: known.length,
      met: known.filter((point) => met.has(point)).length,
      missing: known.filter((point) => !met.has(point)),
    },
    deaths: {
      known: deaths.length,
      died: deaths.filter((death) => died.has(death)).length,
      missing: deaths.filter((death) => !died.has(death)),
    },
    phases: [...new Set(reports.flatMap(({ phases }) => phases))].filter((phase) => phase !== '').sort(),
    failures: failed.map(({ seed, violation }) => ({
      seed,
      invariant: violation?.invariant ?? '',
      what: violation?.what ?? '',
    })),
  };
}

/** For people. */
export function wordsOf(sum: Sum): string {
  const some = (names: readonly string[]): string =>
    names.length === 0 ? 'none' : `${names.slice(0, 40).join(', ')}${names.length > 40 ? ' and more' : ''}`;
  return [
    `${sum.schedules} schedules, ${sum.failed} failed: ${sum.virtualHours} hours of virtual time, ${sum.msEach} ms each, ${sum.invariants} invariants`,
    `phases: ${sum.phases.join(', ')}`,
    `points met: ${sum.points.met} of ${sum.points.known}; not met: ${some(sum.points.missing)}`,
    `deaths at points: ${sum.deaths.died} of ${sum.deaths.known}; missing: ${some(sum.deaths.missing)}`,
    ...sum.failures.map(({ seed, invariant, what }) => `seed ${seed}: ${invariant}: ${what}`),
  ].join('\n');
}
