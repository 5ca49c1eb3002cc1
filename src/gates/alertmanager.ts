/** The Alertmanager API, version 2: silenced alerts, and Tugboot's own silences. */
import type { HttpAccess } from '../reboot/policy/pool-gates.ts';
import type { SilencePolicy } from '../reboot/policy/pool-hooks.ts';
import { type Clock, type Instant, minute, second, toInstant, toTimestamp } from '../reboot/time/time.ts';
import type { Silences, SilenceWish } from '../reboot/ports/silences.ts';
import { fieldAt, type Found, type AlertLabels, labelsOf, parsed, refusedText } from './answers.ts';
import { type HttpCall, type HttpClient, usualTimeout } from './http.ts';

export async function silencedAlerts(
  http: HttpClient,
  access: HttpAccess,
): Promise<Found<readonly AlertLabels[]>> {
  const answer = await listed(http, access, {
    path: '/api/v2/alerts',
    // A silenced alert may be inhibited too, and is left out of the answer unless inhibited alerts are
    // included.
    query: { active: 'false', silenced: 'true', inhibited: 'true', unprocessed: 'false' },
    timeout: usualTimeout,
  });
  if (!answer.ok) return answer;
  const silenced = answer.found.filter((alert) => isFull(fieldAt(alert, 'status', 'silencedBy')));
  return { ok: true, found: silenced.map((alert) => labelsOf(fieldAt(alert, 'labels'))) };
}

const isFull = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

async function listed(
  http: HttpClient,
  access: HttpAccess,
  call: Omit<HttpCall, 'method'>,
): Promise<Found<readonly unknown[]>> {
  const answer = await http.call(access, { ...call, method: 'GET' });
  if (!answer.ok) return answer;
  const body = parsed(answer.text);
  if (answer.status !== 200 || !Array.isArray(body))
    return { ok: false, problem: refusedText(answer.status, body) };
  return { ok: true, found: body };
}

/** Short, since no step of a reboot depends on a silence. */
const silenceTimeout = 5 * second;

/** A silence expires by itself if no bot is left to extend or delete it. */
const silenceDuration = 30 * minute;

/**
 * Start times lie this far in the past, so that an Alertmanager with a slow clock does not keep the silence
 * pending. It replaces a past start by its current time.
 */
const startMargin = minute;

const createdBy = 'tugboot';

interface OwnSilence {
  readonly id: string;
  readonly startsAt: string;
  readonly endsAt: Instant;
}

/**
 * A silence is identified by its creator and its comment, which names the cluster and the Reboot. Any replica
 * finds it, and its id need not be stored.
 */
export function alertmanagerSilences(deps: {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly cluster: string;
}): Silences {
  const { http, clock, cluster } = deps;
  const ownSilences = async (wish: SilenceWish): Promise<Found<readonly OwnSilence[]>> => {
    const answer = await listed(http, wish.silence.access, {
      path: '/api/v2/silences',
      query: filterOf(wish),
      timeout: silenceTimeout,
    });
    if (!answer.ok) return answer;
    const comment = commentOf(wish, cluster);
    return { ok: true, found: answer.found.flatMap((silence) => readSilence(silence, comment)) };
  };
  return {
    async keep(wish) {
      const found = await ownSilences(wish);
      if (!found.ok) return found;
      const now = clock.now();
      const [one] = found.found.toSorted((a, b) => b.endsAt - a.endsAt);
      if (one && one.endsAt - now > silenceDuration / 2) return { ok: true, found: one.endsAt };
      const endsAt = now + silenceDuration;
      const answer = await http.call(wish.silence.access, {
        method: 'POST',
        path: '/api/v2/silences',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...(one ? { id: one.id } : {}),
          matchers: matchersFor(wish),
          startsAt: one?.startsAt ?? toTimestamp(now - startMargin),
          endsAt: toTimestamp(endsAt),
          createdBy,
          comment: commentOf(wish, cluster),
        }),
        timeout: silenceTimeout,
      });
      if (!answer.ok) return answer;
      if (answer.status !== 200)
        return { ok: false, problem: refusedText(answer.status, parsed(answer.text)) };
      return { ok: true, found: endsAt };
    },
    async end(wish) {
      const found = await ownSilences(wish);
      if (!found.ok) return found;
      // Two replicas that checked at the same time have created one each.
      for (const { id } of found.found) {
        const answer = await http.call(wish.silence.access, {
          method: 'DELETE',
          path: `/api/v2/silence/${encodeURIComponent(id)}`,
          timeout: silenceTimeout,
        });
        if (!answer.ok) return answer;
        // 404: already deleted.
        if (answer.status !== 200 && answer.status !== 404)
          return { ok: false, problem: refusedText(answer.status, parsed(answer.text)) };
      }
      return { ok: true, found: clock.now() };
    },
  };
}

const commentOf = ({ node, reboot }: SilenceWish, cluster: string): string =>
  `Tugboot reboots ${node} of cluster ${cluster} (${reboot}).`;

/** Names of nodes consist of letters, digits, dashes and dots. */
const escapeRegex = (node: string): string => node.replaceAll('.', String.raw`\.`);

const matchersFor = ({ silence, node }: SilenceWish): SilencePolicy['matchers'] =>
  silence.matchers.map((matcher) => ({
    ...matcher,
    value: matcher.value.replaceAll('{node}', matcher.isRegex ? escapeRegex(node) : node),
  }));

/**
 * Filters silences by node where a matcher compares the node's name for equality. The result of a filter for
 * a matcher with a regular expression depends on the version of the Alertmanager, so that all silences are
 * read there.
 */
function filterOf(wish: SilenceWish): Readonly<Record<string, string>> {
  const nth = wish.silence.matchers.findIndex(
    ({ value, isRegex, isEqual }) => isEqual && !isRegex && value.includes('{node}'),
  );
  const named = matchersFor(wish)[nth];
  return named === undefined ? {} : { filter: `${named.name}=${JSON.stringify(named.value)}` };
}

function readSilence(silence: unknown, comment: string): readonly OwnSilence[] {
  const [id, startsAt, endsAt] = ['id', 'startsAt', 'endsAt'].map((key) => fieldAt(silence, key));
  const isOurs = fieldAt(silence, 'createdBy') === createdBy && fieldAt(silence, 'comment') === comment;
  if (!isOurs || fieldAt(silence, 'status', 'state') === 'expired') return [];
  if (typeof id !== 'string' || typeof startsAt !== 'string' || typeof endsAt !== 'string') return [];
  const ends = toInstant(endsAt);
  return Number.isNaN(ends) ? [] : [{ id, startsAt, endsAt: ends }];
}
