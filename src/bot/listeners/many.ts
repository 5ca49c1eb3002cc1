/** A decision for many nodes at once, and the nodes that it can be taken for. */
import { createHash } from 'node:crypto';
import type { DigestMember } from '../../reboot/pool-digest/message/digest-facts.ts';
import type { ManyRequest } from '../../reboot/pool-digest/many-request.ts';
import type { ManyDecision, MembersAnswer } from '../../reboot/ports/decisions/many-decisions.ts';
import type { DigestOrigin, DigestValue } from '../payload/digest-values.ts';
import type { Identity } from '../people/directory.ts';
import { matching } from '../views/digest/member-filter.ts';
import { manyAnswer } from '../views/digest/many-answer.ts';
import { errorSentence } from '../error-sentence.ts';
import type { Actor, InteractionHandler } from './interaction-handler.ts';
import { unservedCluster } from './unserved-sentence.ts';

export type ManyRequestFor = (identity: Identity) => ManyRequest;

export interface ManyTarget {
  readonly handler: InteractionHandler;
  readonly value: DigestValue;
  readonly actor: Actor;
}

/** Takes the decision, and answers privately: on how many nodes, on which not, and why. */
export async function decideMany(
  { handler, value, actor }: ManyTarget,
  request: ManyRequest | ManyRequestFor,
  only?: ManyDecision['only'],
): Promise<void> {
  const { clusters, directory, logOf } = handler;
  const decisions = clusters.get(value.cluster);
  if (decisions === undefined) {
    await handler.notifyActor(
      actor,
      unservedCluster(value.cluster, [...clusters.keys()], handler.isAppShared()),
    );
    return;
  }
  try {
    const identity = await directory.identify(actor.userId, actor.teamId);
    const resolved = typeof request === 'function' ? request(identity) : request;
    const { id: digest, revision } = value;
    const decision = { digest, revision, request: resolved, ...(only === undefined ? {} : { only }) };
    const result = await decisions.decideAll(decision, identity.person);
    if (result.ok) await handler.showActor(actor, manyAnswer(result));
    else await handler.notifyActor(actor, result.rejection.sentence);
  } catch (error) {
    logOf(value.cluster).error('decision for many could not be taken', {
      digest: value.id,
      user: actor.userId,
      err: error,
    });
    await handler.notifyActor(actor, errorSentence(error));
  }
}

/** Approve, snooze and deny are about all that ask. The others concern few of them. */
const aboutAll: ReadonlySet<ManyRequest['kind']> = new Set(['approve', 'snooze', 'deny'] as const);

/** Takes the decision for those nodes of the digest whose state allows it. */
export async function decideFitting(target: ManyTarget, request: ManyRequest): Promise<void> {
  if (aboutAll.has(request.kind)) return decideMany(target, request);
  const found = await findMembers(target.handler, target.value);
  if (!found.ok) return target.handler.notifyActor(target.actor, found.sentence);
  const fitting = found.members.filter(({ offers }) => offers.includes(request.kind));
  if (fitting.length === 0)
    return target.handler.notifyActor(
      target.actor,
      'None of these nodes is in a state that allows it any more. Nothing was decided.',
    );
  const isAll = fitting.length === found.members.length;
  return decideMany(target, request, isAll ? undefined : fitting.map(({ reboot }) => reboot));
}

export async function findMembers(
  { clusters, logOf, isAppShared }: InteractionHandler,
  { cluster, id, revision }: DigestValue,
): Promise<MembersAnswer> {
  const decisions = clusters.get(cluster);
  if (decisions === undefined)
    return { ok: false, sentence: unservedCluster(cluster, [...clusters.keys()], isAppShared()) };
  try {
    return await decisions.digestMembers(id, revision);
  } catch (error) {
    logOf(cluster).error('nodes of a digest could not be read', { digest: id, err: error });
    return { ok: false, sentence: errorSentence(error) };
  }
}

/** Those that ask, and that the filter of the modal lists. */
export const listedIn = (
  { members }: Extract<MembersAnswer, { ok: true }>,
  { filter }: DigestOrigin,
): readonly DigestMember[] =>
  matching(
    members.filter(({ asks }) => asks),
    filter,
  );

/** Names are longer than the value of an option may be. */
export const keyOf = ({ reboot }: Pick<DigestMember, 'reboot'>): string =>
  createHash('sha256').update(reboot).digest('base64url').slice(0, 22);
