/**
 * How a digest is written: as JSON, with each package set named once, and chosen Reboots as positions in the
 * list. Thousands of entries have to fit into one object.
 */
import { z } from 'zod';
import { problemOf } from '../schema/problem.ts';
import {
  type DigestDecision,
  digestDecisionFields,
  type DigestEntry,
  digestFields,
  type PoolDigest,
} from './pool-digest.ts';

/** Reboot, position of its digest, from, until. */
type Row = readonly [string, number, number, number?];

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;

/** By hand: zod takes a tenth of a second for thousands of tuples. */
const isRow = (value: unknown): value is Row =>
  Array.isArray(value) &&
  (value.length === 3 || value.length === 4) &&
  typeof value[0] === 'string' &&
  value.slice(1).every(isCount);

const positions = z.array(z.int().min(0));

const stored = z.object({
  ...digestFields,
  digests: z.array(z.string()),
  entries: z.array(z.custom<Row>(isRow, 'is no entry')),
  decisions: z.array(
    z.object({
      ...digestDecisionFields,
      /** Of entries. */
      only: positions.exactOptional(),
    }),
  ),
});

export function writeDigest({ entries, decisions, ...digest }: PoolDigest): string {
  const digests = [...new Set(entries.map((entry) => entry.digest))];
  const positionOf = new Map(digests.map((text, index) => [text, index]));
  const places = new Map(entries.map(({ reboot }, index) => [reboot, index]));
  return JSON.stringify({
    ...digest,
    digests,
    entries: entries.map(({ reboot, digest: of, from, until }) => {
      const position = positionOf.get(of) ?? 0;
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
