/**
 * Pauses: what a person has put on hold. A pause keeps reboots from starting; what is under way is finished.
 */
import type { Principal } from '../state/decision.ts';
import { type Instant, type Timestamp, toInstant } from '../ports/time.ts';
import { nameOf } from '../words/words.ts';

export type PauseScope =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'pool'; readonly pool: string }
  | { readonly kind: 'node'; readonly node: string };

export interface Pause {
  readonly scope: PauseScope;
  /** Absent where it was written by hand, and does not say. */
  readonly by?: Principal;
  readonly at?: Timestamp;
  /** Absent: until somebody resumes. */
  readonly until?: Timestamp;
  readonly reason?: string;
}

/** One pause for each scope: the later one replaces the earlier. */
export const scopeKey = (scope: PauseScope): string => {
  switch (scope.kind) {
    case 'cluster':
      return 'cluster';
    case 'pool':
      return `pool.${scope.pool}`;
    case 'node':
      return `node.${scope.node}`;
  }
};

/** The inverse of `scopeKey`; undefined for a key that is none. */
export function parseScopeKey(key: string): PauseScope | undefined {
  if (key === 'cluster') return { kind: 'cluster' };
  const [, kind, name] = /^(pool|node)\.(.+)$/.exec(key) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  return kind === 'pool' ? { kind, pool: name } : { kind: 'node', node: name };
}

export const isOver = ({ until }: Pause, now: Instant): boolean =>
  until !== undefined && toInstant(until) <= now;

const concerns = (scope: PauseScope, pool: string, node: string): boolean =>
  scope.kind === 'cluster' || (scope.kind === 'pool' ? scope.pool === pool : scope.node === node);

/** The pauses that keep a node of a pool from starting now, the widest first. */
export function pausesOn(
  pauses: readonly Pause[],
  { pool, node }: { readonly pool: string; readonly node: string },
  now: Instant,
): readonly Pause[] {
  const order = ['cluster', 'pool', 'node'];
  return pauses
    .filter((pause) => !isOver(pause, now) && concerns(pause.scope, pool, node))
    .sort((a, b) => order.indexOf(a.scope.kind) - order.indexOf(b.scope.kind));
}

/** The annotation of a node that somebody paused with kubectl. */
export const annotatedPause = (node: { readonly name: string; readonly paused?: string }): readonly Pause[] =>
  node.paused === undefined
    ? []
    : [
        {
          scope: { kind: 'node', node: node.name },
          ...(node.paused === '' ? {} : { reason: node.paused }),
        },
      ];

/** "Pool workers", to begin a sentence with. */
export function scopeName(scope: PauseScope): string {
  switch (scope.kind) {
    case 'cluster':
      return 'The whole cluster';
    case 'pool':
      return `Pool ${scope.pool}`;
    case 'node':
      return scope.node;
  }
}

/**
 * "Pool workers is paused by @mia: storage migration." Without a time: whoever shows it has the reader's
 * clock.
 */
export function pauseSentence({ scope, by, reason }: Pause): string {
  const who = by === undefined ? '' : ` by ${nameOf(by)}`;
  return `${scopeName(scope)} is paused${who}${reason === undefined ? '' : `: ${endless(reason)}`}.`;
}

/** The sentence ends once. */
const endless = (reason: string): string => reason.trim().replace(/[.\s]+$/, '');
