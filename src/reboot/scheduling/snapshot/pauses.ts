/** Pauses set by people. A pause prevents new starts; reboots under way are finished. */
import { z } from 'zod';
import { type Stored, text, time } from '../../schema/field.ts';
import { principal } from '../../state/decision.ts';
import { type Instant, toInstant } from '../../time/time.ts';
import { nameOf } from '../../words/words.ts';

export type PauseScope =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'pool'; readonly pool: string }
  | { readonly kind: 'node'; readonly node: string };

/** In characters. Cards show the reason. */
export const longestPauseReason = 300;

/** What is stored of a pause under the key of its scope. */
export const pauseRecord = z
  .object({
    by: principal.exactOptional(),
    at: time('When it was set. Absent where it was written by hand without it.').exactOptional(),
    until: time('When it ends. Absent: when a person resumes.').exactOptional(),
    reason: text('Why, as people read it.', longestPauseReason).exactOptional(),
  })
  .meta({ description: 'A pause that a person has set. Plain text in its place is the reason.' });

export type Pause = { readonly scope: PauseScope } & Stored<typeof pauseRecord>;

/** The storage key of a scope. Each scope has one pause; a later one replaces it. */
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

/** The inverse of `scopeKey`; undefined for any other text. */
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

/** The pauses that block a node of a pool now, the widest scope first. */
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

/** The pause that a person set with kubectl: the node's annotation tugboot.dev/paused. */
export const annotatedPause = (node: { readonly name: string; readonly paused?: string }): readonly Pause[] =>
  node.paused === undefined
    ? []
    : [
        {
          scope: { kind: 'node', node: node.name },
          ...(node.paused === '' ? {} : { reason: node.paused }),
        },
      ];

/** "Pool workers": begins a sentence. */
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
 * "Pool workers is paused by @mia: storage migration." It contains no time: the caller formats times for the
 * reader's time zone.
 */
export function pauseSentence({ scope, by, reason }: Pause): string {
  const who = by === undefined ? '' : ` by ${nameOf(by)}`;
  return `${scopeName(scope)} is paused${who}${reason === undefined ? '' : `: ${endless(reason)}`}.`;
}

/** Removes trailing full stops: the caller adds one. */
const endless = (reason: string): string => reason.trim().replace(/[.\s]+$/, '');
