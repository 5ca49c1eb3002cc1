/** The decisions of one cluster among several: one that cannot be reached answers so, and at once. */
import type { ClusterAway, Decisions, Refused } from '../reboot/ports/decisions/decisions.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import { type Clock, inWords, type Instant, type Millis, minute, second } from '../reboot/time/time.ts';
import type { Sleep } from '../timing/sleep.ts';

/** How the start of a cluster goes. */
export interface Reach {
  isServed: boolean;
  /** What it waits for, or why it is not served. */
  why?: string;
  readonly since: Instant;
}

export interface Guarded {
  readonly name: string;
  readonly decisions: Decisions;
  readonly reach: Reach;
  readonly heardAt: () => Instant;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** False where it is the only one: then a slow answer is better than none. */
  readonly isOneOfSeveral: () => boolean;
}

/**
 * A question to one cluster may not keep the answers of the others waiting. What is written is not cut short:
 * it may have been stored.
 */
const longestQuestion: Millis = 3 * second;

/** Each watch receives a bookmark about once a minute. */
const longestSilence: Millis = 90 * second;

export function guardedDecisions(guarded: Guarded): Decisions {
  const { decisions, reach, clock } = guarded;
  const away = (): ClusterAway | undefined => awayOf(guarded);
  const refusal = (): Refused => ({ ok: false, sentence: awaySentence(awayOf(guarded), guarded) });
  const rejection = () =>
    ({ ok: false, rejection: { code: 'cluster-unreachable', sentence: refusal().sentence } }) as const;
  const asked = <Answer>(question: () => Promise<Answer>, otherwise: () => Answer): Promise<Answer> =>
    reach.isServed ? inTime(guarded, question, otherwise) : Promise.resolve().then(otherwise);
  const written = <Answer>(write: () => Promise<Answer>, otherwise: () => Answer): Promise<Answer> =>
    reach.isServed ? write() : Promise.resolve(otherwise());
  return {
    pause: (request, caller) => written(() => decisions.pause(request, caller), refusal),
    resume: (what, caller) => written(() => decisions.resume(what, caller), refusal),
    request: (node, reason, caller) => written(() => decisions.request(node, reason, caller), refusal),
    decide: (reboot, request, person) => written(() => decisions.decide(reboot, request, person), rejection),
    decideAll: (decision, person) => written(() => decisions.decideAll(decision, person), rejection),
    decideList: (id, person) => written(() => decisions.decideList(id, person), rejection),
    propose: (proposed, caller) => asked(() => decisions.propose(proposed, caller), refusal),
    why: (node) => asked(() => decisions.why(node), refusal),
    preview: (of) => asked(() => decisions.preview(of), refusal),
    windows: (pool) => asked(() => decisions.windows(pool), refusal),
    digestMembers: (digest, revision) => asked(() => decisions.digestMembers(digest, revision), refusal),
    status: (of) =>
      asked(
        () => decisions.status(of),
        () => ({ ...refusal(), away: away() ?? { cluster: guarded.name, since: clock.now() } }),
      ),
    home: (person) =>
      asked(
        () => decisions.home(person),
        () => {
          throw new PortError('cluster-unreachable', refusal().sentence, { retryable: true });
        },
      ),
    demands: (pool) => decisions.demands(pool),
    details: (reboot) =>
      written(
        () => decisions.details(reboot),
        () => undefined,
      ),
  };
}

/** Undefined while the cluster is served and heard from. */
export function awayOf({
  name,
  reach,
  heardAt,
  clock,
}: Pick<Guarded, 'name' | 'reach' | 'heardAt' | 'clock'>) {
  const { isServed, why, since } = reach;
  if (!isServed) return { cluster: name, since, ...(why === undefined ? {} : { why }) };
  return clock.now() - heardAt() > longestSilence ? { cluster: name, since: heardAt() } : undefined;
}

function awaySentence(away: ClusterAway | undefined, { name, clock }: Guarded): string {
  if (away === undefined)
    return `Cluster ${name} has not answered in ${inWords(longestQuestion)}. Try again in a minute.`;
  const awayFor = clock.now() - away.since;
  const how = awayFor < minute ? 'cannot be reached' : `has not been reached for ${inWords(awayFor)}`;
  return [`Cluster ${name} ${how}.`, ...(away.why === undefined ? [] : [away.why])].join(' ');
}

async function inTime<Answer>(
  { isOneOfSeveral, sleep }: Guarded,
  question: () => Promise<Answer>,
  otherwise: () => Answer,
): Promise<Answer> {
  if (!isOneOfSeveral()) return question();
  const answered = new AbortController();
  const late = sleep(longestQuestion, answered.signal).then(otherwise, otherwise);
  try {
    return await Promise.race([question(), late]);
  } finally {
    answered.abort();
  }
}
