/**
 * How a digest is written: as JSON, with each package set named once, and chosen Reboots as positions in the
 * list. Thousands of entries have to fit into one object.
 */
import { z } from 'zod';
import { principal } from '../state/decision.ts';
import { timestamp } from '../schema/field.ts';
import { problemOf } from '../schema/problem.ts';
import type { DigestDecision, DigestEntry, PoolDigest } from './pool-digest.ts';
import type { ManyRequest } from './many-request.ts';

const count = z.int().min(0);

const reason = z.string();

export const manyRequest: z.ZodType<ManyRequest> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('approve'),
    mode: z.enum(['now', 'window']),
    atMost: z.int().min(1).exactOptional(),
  }),
  z.object({
    kind: z.literal('snooze'),
    until: z.union([z.number(), z.enum(['tonight', 'morning', 'next-window'])]),
    reason: reason.exactOptional(),
  }),
  z.object({ kind: z.literal('deny'), reason }),
  z.object({ kind: z.literal('ask-again') }),
  z.object({ kind: z.literal('cancel'), reason: reason.exactOptional() }),
  z.object({ kind: z.literal('retry') }),
  z.object({ kind: z.literal('skip') }),
  z.object({ kind: z.literal('force'), reason }),
]);

export const manyOutcome = z.object({
  at: timestamp,
  applied: count,
  refused: count,
  refusals: z.array(z.object({ reboot: z.string(), sentence: z.string() })),
});

/** Reboot, position of its digest, from, until. */
type Row = readonly [string, number, number, number?];

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;

/** By hand: zod takes a tenth of a second for thousands of tuples. */
const isRow = (value: unknown): value is Row =>
  Array.isArray(value) &&
  (value.length === 3 || value.length === 4) &&
  typeof value[0] === 'string' &&
  value.slice(1).every(isCount);

const stored = z.object({
  id: z.string(),
  pool: z.string(),
  openedAt: timestamp,
  closedAt: timestamp.exactOptional(),
  revision: count,
  oldest: count,
  digests: z.array(z.string()),
  entries: z.array(z.custom<Row>(isRow, 'is no entry')),
  decisions: z.array(
    z.object({
      id: z.string(),
      revision: count,
      /** Positions of entries. */
      only: z.array(count).exactOptional(),
      of: count,
      request: manyRequest,
      by: principal,
      at: timestamp,
      result: manyOutcome.exactOptional(),
    }),
  ),
  chat: z.object({
    message: z
      .object({ channel: z.string(), ts: z.string(), hash: z.string(), revision: count })
      .exactOptional(),
    posting: z.object({ channel: z.string(), at: timestamp }).exactOptional(),
    replies: z.record(z.string(), z.string()).exactOptional(),
  }),
  shown: z.array(z.object({ revision: count, at: timestamp })),
});

export function writeDigest({ entries, decisions, ...digest }: PoolDigest): string {
  const digests = [...new Set(entries.map((entry) => entry.digest))];
  const positions = new Map(digests.map((text, index) => [text, index]));
  const places = new Map(entries.map(({ reboot }, index) => [reboot, index]));
  return JSON.stringify({
    ...digest,
    digests,
    entries: entries.map(({ reboot, digest: of, from, until }) => {
      const position = positions.get(of) ?? 0;
      return until === undefined ? [reboot, position, from] : [reboot, position, from, until];
    }),
    decisions: decisions.map(({ only, ...decision }) => ({
      ...decision,
      ...(only ? { only: only.flatMap((name) => places.get(name) ?? []) } : {}),
    })),
  });
}

/** The digest, or what is wrong with the text. */
export function readDigest(text: string): PoolDigest | { readonly problem: string } {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { problem: 'it is no JSON' };
  }
  const parsed = stored.safeParse(content);
  if (!parsed.success) return { problem: problemOf('digest', parsed.error) };
  const { digests, entries: rows, decisions, ...digest } = parsed.data;
  const entries = rows.map(([reboot, position, from, until]): DigestEntry => ({
    reboot,
    digest: digests[position] ?? '',
    from,
    ...(until === undefined ? {} : { until }),
  }));
  return { ...digest, entries, decisions: decisions.map((decision) => named(decision, entries)) };
}

function named(
  { only, ...decision }: z.infer<typeof stored>['decisions'][number],
  entries: readonly DigestEntry[],
): DigestDecision {
  if (!only) return decision;
  return { ...decision, only: only.flatMap((place) => entries[place]?.reboot ?? []) };
}
