/** Which of the served clusters a subcommand concerns. */
import type { Caller } from '../../reboot/approval/person.ts';
import type { Decisions, Refused, StatusAnswer } from '../../reboot/ports/decisions/decisions.ts';
import { errorSentence } from '../error-sentence.ts';
import type { Invocation } from './invocation.ts';

export const servesNone = 'This Tugboot serves no cluster.';

type Clusters = ReadonlyMap<string, Decisions>;

/** The cluster that the first word names, and the words that are left. */
export interface Narrowed {
  readonly cluster: string;
  readonly clusters: Clusters;
  /** Undefined where the word was a cluster's name and nothing else. */
  readonly name: string | undefined;
}

/** `prod-eu/worker-1`, or of several clusters `prod-eu`. */
export function narrowed(word: string | undefined, clusters: Clusters): Narrowed | undefined {
  if (word === undefined) return undefined;
  const [, cluster = word, name] = /^([^/]*)\/(.+)$/.exec(word) ?? [];
  const decisions = clusters.get(cluster);
  if (decisions === undefined || (name === undefined && clusters.size === 1)) return undefined;
  return { cluster, clusters: new Map([[cluster, decisions]]), name };
}

type Place = { readonly ok: true; readonly decisions: Decisions } | Refused;

/** The one cluster that has a node or pool of this name. Where several have, it must be named. */
export async function clusterOf({ handler }: Invocation, name: string): Promise<Place> {
  const [only, ...others] = handler.clusters.values();
  if (only === undefined) return { ok: false, sentence: servesNone };
  if (others.length === 0) return { ok: true, decisions: only };
  const found = await statusOfEach(handler.clusters, name);
  const having = closest(
    found.flatMap(({ cluster, decisions, reply }) =>
      reply.ok ? [{ cluster, decisions, name: reply.status.of }] : [],
    ),
    name,
  );
  const [first, ...more] = having;
  if (first === undefined) return refusalOf(found.map(({ reply }) => reply));
  return more.length === 0 ? { ok: true, decisions: first.decisions } : ambiguous(having, name);
}

export interface Having {
  readonly cluster: string;
  readonly name: string | undefined;
}

/** Names may be typed by their beginning: one that was typed whole is meant. */
export function closest<One extends Having>(found: readonly One[], text: string): readonly One[] {
  const whole = found.filter(({ name }) => name === text);
  return whole.length > 0 ? whole : found;
}

export const ambiguous = (having: readonly Having[], text: string): Refused => ({
  ok: false,
  sentence: `"${text}" is in ${having.map(({ cluster }) => cluster).join(' and ')}. Nothing was done: say which, as in ${having[0]?.cluster}/${having[0]?.name ?? text}.`,
});

export const statusOfEach = (clusters: Clusters, name: string | undefined) =>
  Promise.all(
    [...clusters].map(async ([cluster, decisions]) => ({
      cluster,
      decisions,
      reply: await decisions
        .status(name)
        .catch((error: unknown): StatusAnswer => ({ ok: false, sentence: errorSentence(error) })),
    })),
  );

/** A cluster that is away may have the name: that is said, too. */
function refusalOf(replies: readonly StatusAnswer[]): Refused {
  const refusals = replies.filter((reply) => !reply.ok);
  const known = refusals.find(({ away }) => away === undefined);
  const away = refusals.filter((refusal) => refusal.away !== undefined && refusal !== known);
  const sentences = [...(known === undefined ? [] : [known]), ...away].map(({ sentence }) => sentence);
  return { ok: false, sentence: sentences.join(' ') || servesNone };
}

/** The reply of the cluster that has a node or pool of this name. */
export async function inClusterOf<Reply extends { readonly ok: true }>(
  name: string,
  invocation: Invocation,
  call: (decisions: Decisions) => Promise<Reply | Refused>,
): Promise<Reply | Refused> {
  const place = await clusterOf(invocation, name);
  return place.ok ? call(place.decisions) : place;
}

/** The same for a request of a person. `cluster` names no object, and is ambiguous with several clusters. */
export async function requestedIn<Reply extends { readonly ok: true }>(
  what: string,
  invocation: Invocation,
  call: (decisions: Decisions, caller: Caller) => Promise<Reply | Refused>,
): Promise<Reply | Refused> {
  const { clusters } = invocation.handler;
  const caller = await callerOf(invocation);
  if (what === 'cluster' && clusters.size > 1)
    return { ok: false, sentence: `Which cluster? Name it: ${[...clusters.keys()].join(', ')}.` };
  return inClusterOf(what, invocation, (decisions) => call(decisions, caller));
}

export async function callerOf({ handler, payload }: Invocation): Promise<Caller> {
  const { person } = await handler.directory.identify(payload.user_id, payload.team_id);
  return { person, channel: payload.channel_id };
}
