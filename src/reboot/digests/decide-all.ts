/** Records a decision for many Reboots: checked and stored once, answered, and then applied by a job. */
import { chosenEntries, decisionId, decisionKey, repeatedIn } from '../pool-digest/decide-many.ts';
import type { ManyRequest } from '../pool-digest/many-request.ts';
import type { DigestDecision, DigestEntry, PoolDigest } from '../pool-digest/pool-digest.ts';
import { withoutQueue } from '../commands/without-queue.ts';
import type { Person } from '../approval/person.ts';
import { snoozeEnd } from '../approval/snooze-times.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { Rejection } from '../approval/decision-request.ts';
import type { ManyDecision, ManyResult } from '../ports/decisions/many-decisions.ts';
import { PortError } from '../ports/port-error.ts';
import { type Instant, toTimestamp } from '../time/time.ts';
import { isBlank } from '../words/text.ts';
import { sentenceFor } from '../ports/port-error-words.ts';
import { poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { type AboutMany, afterDecision, answerTo, inPool, isRejected, outlookOf } from './outlook.ts';
import { isIn } from '../state/reboot.ts';

const refused = (code: Rejection['code'], sentence: string): ManyResult => ({
  ok: false,
  rejection: { code, sentence },
});

export async function decideAll(deps: ServiceDeps, asked: ManyDecision, person: Person): Promise<ManyResult> {
  try {
    const { result, delayed } = await withoutQueue(deps, undefined, (tolerantDeps) =>
      decideNow(tolerantDeps, asked, person),
    );
    return result.ok && delayed !== undefined ? { ...result, delayed } : result;
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    deps.logger.error('decision for many not stored', {
      digest: asked.digest,
      decision: asked.request.kind,
      by: person.id,
      err: error,
    });
    return refused(
      'cluster-unreachable',
      `${sentenceFor(error)} If your decision was not stored, the message shows no sign of it; \`/reboot status\` shows it too.`,
    );
  }
}

const tooOld = 'This list is too old to decide on. Look at the latest message of the pool.';

async function decideNow(deps: ServiceDeps, asked: ManyDecision, person: Person): Promise<ManyResult> {
  const pool = deps.digests.all().find(({ id }) => id === asked.digest)?.pool;
  const digest = pool === undefined ? undefined : await deps.digests.read(pool);
  if (digest?.id !== asked.digest) return refused('unknown-digest', tooOld);
  if (asked.revision < digest.oldest || asked.revision > digest.revision)
    return refused(
      'unknown-digest',
      `The list has changed since you looked, and nothing was decided. ${tooOld}`,
    );
  const terms = termsProblem(deps, digest, asked.request);
  if (terms) return { ok: false, rejection: terms };
  return decideOn(deps, { digest, asked, person });
}

/** What is wrong with it for every node. */
function termsProblem(
  deps: ServiceDeps,
  { pool: name }: Pick<PoolDigest, 'pool'>,
  request: ManyRequest,
): Rejection | undefined {
  if (request.kind === 'deny' && isBlank(request.reason))
    return { code: 'reason-missing', sentence: 'Say why: the others want to know.' };
  if (request.kind !== 'approve' || request.atMost === undefined) return undefined;
  const { concurrency } = poolFor(deps, { pool: name });
  if (Number.isInteger(request.atMost) && request.atMost >= 1 && request.atMost <= concurrency)
    return undefined;
  return {
    code: 'not-possible-now',
    sentence: `Pool ${name} allows ${concurrency} at a time: choose a number from 1 to ${concurrency}.`,
  };
}

interface Asked {
  readonly digest: PoolDigest;
  readonly asked: ManyDecision;
  readonly person: Person;
}

async function decideOn(deps: ServiceDeps, { digest, asked, person }: Asked): Promise<ManyResult> {
  const by = { kind: 'user', id: person.id, name: person.name } as const;
  const at = toTimestamp(deps.clock.now());
  const { revision, only } = asked;
  const request = withEnd(asked.request, poolFor(deps, digest), deps.clock.now());
  const decision = { revision, request, by, at, ...(only === undefined ? {} : { only }) };
  const key = deps.hash(decisionKey(decision)).slice(0, 16);
  const before = repeatedIn(digest, key, decision);
  if (before) return repeatedResult(deps, digest, before);
  const about = { request, person, by };
  const shown = chosenEntries(digest, decision);
  const entries = only === undefined ? unlessApproved(deps, shown, about, digest.pool) : shown;
  const outlook = outlookOf(deps, inPool(entries, digest.pool), about);
  if (outlook.accepted === 0)
    return {
      ok: false,
      rejection: outlook.rejections[0]?.rejection ?? { code: 'unknown-reboot', sentence: tooOld },
    };
  const names = entries.length < shown.length ? { only: entries.map(({ reboot }) => reboot) } : {};
  const stored = await store(deps, digest, { ...decision, ...names, of: entries.length }, key);
  if (stored !== 'stored') return stored;
  deps.logger.info('decision for many taken', {
    pool: digest.pool,
    digest: digest.id,
    revision,
    nodes: entries.length,
    decision: request.kind,
    by: person.id,
  });
  await deps.queue.spread(digest.pool);
  return answerTo(outlook, request, digest.pool);
}

/**
 * An approval of all is about those that still ask. What has been approved in part before is neither part of
 * it nor a refusal. All, where nothing else is left: the answer says why.
 */
function unlessApproved(
  deps: ServiceDeps,
  shown: readonly DigestEntry[],
  about: AboutMany,
  pool: string,
): readonly DigestEntry[] {
  if (about.request.kind !== 'approve') return shown;
  const left = shown.filter((entry) => {
    const reboot = deps.store.cached(entry.reboot);
    if (!reboot || !isIn(reboot, 'Approved', 'Draining', 'Rebooting', 'Settling', 'Succeeded')) return true;
    return !isRejected(afterDecision(deps, reboot, { ...entry, pool }, about));
  });
  return left.length === 0 ? shown : left;
}

/** A list is of one pool: the message of the digest shows until when its nodes are snoozed. */
function withEnd(request: ManyRequest, pool: PoolPolicy, now: Instant): ManyRequest {
  if (request.kind !== 'snooze') return request;
  return { ...request, until: snoozeEnd(request.until, pool, now) ?? request.until };
}

/** Decisions that have a result are dropped first: the Reboots record what was decided. */
const mostDecisions = 30;

async function store(
  deps: ServiceDeps,
  { id: digest, pool }: PoolDigest,
  decision: Omit<DigestDecision, 'id'>,
  key: string,
): Promise<'stored' | ManyResult> {
  const found: { before?: DigestDecision } = {};
  const stored = await deps.digests.update(pool, (latest) => {
    const before = latest?.id === digest ? repeatedIn(latest, key, decision) : undefined;
    if (before) found.before = before;
    if (latest?.id !== digest || before) return latest;
    const many = latest.decisions.length - mostDecisions;
    const kept = latest.decisions.filter(({ result }, index) => index > many || result === undefined);
    const id = decisionId(latest, key, decision);
    return { ...latest, decisions: [...kept, { ...decision, id }] };
  });
  if (stored === 'too-large')
    return refused(
      'digest-full',
      'The list has no room for this choice, and nothing was decided. Decide on all of it, or on fewer nodes.',
    );
  if (stored?.id !== digest) return refused('unknown-digest', tooOld);
  return found.before ? repeatedResult(deps, stored, found.before) : 'stored';
}

async function repeatedResult(
  deps: ServiceDeps,
  { pool }: PoolDigest,
  before: DigestDecision,
): Promise<ManyResult> {
  if (before.result === undefined) await deps.queue.spread(pool);
  return {
    ok: true,
    request: before.request,
    pool,
    nodes: before.result?.applied ?? before.of,
    refused: before.result?.refused ?? 0,
    refusals: [],
    approvalsMissing: 0,
    repeated: true,
  };
}
