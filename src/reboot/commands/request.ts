/** Requests of people for a reboot of a node, whatever its signals say. */
import { agentlessBecause } from '../policy/agentless.ts';
import type { Caller } from '../approval/person.ts';
import type { Refused, RequestAnswer } from '../ports/decisions/decisions.ts';
import { rebootName } from '../nodes/reboot-name.ts';
import { needOf } from '../signals/packages.ts';
import { commandRefusal } from '../approval/permissions.ts';
import { askedByPerson, type PersonAsks } from '../signals/asked-by-person.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { poolOf } from '../policy/pools.ts';
import { PortError } from '../ports/port-error.ts';
import { sentenceFor } from '../ports/port-error-words.ts';
import type { BootTarget } from '../nodes/observation.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { MessageRef } from '../state/chat-record.ts';
import type { Principal } from '../state/decision.ts';
import { completeName } from '../words/complete-name.ts';
import { isBlank } from '../words/text.ts';
import { canAskAgain } from '../machine/decisions/decide.ts';
import { standingOf } from '../words/words.ts';
import { apply } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { recreateIfDeleted } from '../detect/deleted-unseen.ts';
import { newReboot, currentReadings } from '../detect/new-reboot.ts';
import { withoutQueue } from './without-queue.ts';
import { reportOf } from '../signals/signals.ts';

const refused = (sentence: string): Refused => ({ ok: false, sentence });

export async function requestByPerson(
  deps: ServiceDeps,
  asked: { readonly node: string; readonly reason: string | undefined },
  caller: Caller,
): Promise<RequestAnswer> {
  const nodes = deps.cluster.nodes();
  const names = nodes.map(({ name }) => name);
  const target = completeName(asked.node, { kind: 'node', names, otherwise: 'See `/reboot status`.' });
  if (!target.ok) return target;
  const node = nodes.find(({ name }) => name === target.name);
  if (!node) return refused(`Node ${target.name} is gone.`);
  const pool = poolOf(deps.policy(), node);
  const agentless = agentlessBecause(node);
  if (agentless !== undefined)
    return refused(`${node.name} ${agentless}. No agent can run there, so nobody could carry it out.`);
  if (!pool) return refused(`No pool owns ${node.name}, so Tugboot does not reboot it.`);
  const refusal = commandRefusal(caller, deps.policy(), pool, 'ask for');
  if (refusal !== undefined) return refused(refusal);
  const { id, name } = caller.person;
  const by: PersonAsks = {
    by: { kind: 'user', id, name },
    ...(asked.reason === undefined ? {} : { reason: asked.reason }),
  };
  try {
    const { result, delayed } = await withoutQueue(deps, undefined, (tolerantDeps) =>
      createOrReopen(tolerantDeps, { node, pool }, by),
    );
    return result.ok && delayed !== undefined ? { ...result, delayed } : result;
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    deps.logger.error('request not stored', { node: node.name, by: id, err: error });
    return refused(
      `${sentenceFor(error)} It is not known whether that was stored: \`/reboot status\` shows it.`,
    );
  }
}

/** The requester of an annotation without a proven name. A Node does not record who annotated it. */
const somebody = { kind: 'kubernetes', name: 'somebody with kubectl' } as const;

/** The requester. A name is used only where an admission policy compares it with the writer. */
async function requesterOf(deps: ServiceDeps, node: NodeView, target: BootTarget): Promise<Principal> {
  if (node.requestedBy === undefined) return somebody;
  if (await deps.cluster.isRequesterProven(target))
    return { kind: 'kubernetes', name: `Kubernetes user ${node.requestedBy}` };
  deps.logger.warn('name beside a request is not proven: no admission policy compares it', {
    node: node.name,
    named: node.requestedBy,
  });
  return somebody;
}

/**
 * Handles a request that was made with kubectl, as an annotation. The annotation is removed once a Reboot
 * exists for it, so that it does not apply to the next boot; while the request cannot be carried out yet, it
 * stays.
 */
export async function takeUpRequest(deps: ServiceDeps, node: NodeView): Promise<void> {
  const pool = poolOf(deps.policy(), node);
  if (node.requested === undefined || !pool) return;
  const reason = node.requested;
  const target = { node: node.name, uid: node.uid, bootId: node.bootId };
  const by = await requesterOf(deps, node, target);
  const answer = await createOrReopen(deps, { node, pool }, { by, ...(isBlank(reason) ? {} : { reason }) });
  if (!answer.ok && answer.wait) return;
  if (!answer.ok)
    deps.logger.info('request by annotation not taken up', { node: node.name, why: answer.sentence });
  await deps.cluster.takeRequest(target, node);
}

/** `wait`: try again later, when the agent has reported. */
type RequestOutcome = Extract<RequestAnswer, { ok: true }> | (Refused & { readonly wait?: boolean });

async function createOrReopen(
  deps: ServiceDeps,
  { node, pool }: { readonly node: NodeView; readonly pool: PoolPolicy },
  by: PersonAsks,
): Promise<RequestOutcome> {
  const name = rebootName(node, node.bootId, deps.hash);
  const stored = await deps.store.get(name);
  // A new record of this name would hide what the deleted one has to clean up.
  if (!stored && (await isBeingCleanedUp(deps, node, name)))
    return {
      ...refused(`${node.name} is being put back: its Reboot was deleted. Ask again in a moment.`),
      wait: true,
    };
  let card: MessageRef | undefined;
  if (stored) {
    if (!canAskAgain(stored)) return refused(`${node.name} ${standingOf(stored.state.phase)}: see its card.`);
    await apply(deps, name, { type: 'moved', pool: pool.name });
    const applied = await apply(deps, name, { type: 'requested', ...by });
    if (applied.outcome === 'rejected') return refused(applied.rejection.sentence);
    card = stored.chat.card;
  } else {
    const agent = deps.cluster.agent(node.name);
    const report = reportOf(node, agent);
    if (!report)
      return {
        ...refused(
          `The agent of ${node.name} has said nothing since it booted, so nobody could carry it out.`,
        ),
        wait: true,
      };
    const need = needOf(report, deps.hash, deps.clock.now(), currentReadings(deps, node, agent));
    const asked = askedByPerson(need, by, deps.clock.now());
    await deps.store.create(newReboot(deps, { node, report, pool, need: asked }));
  }
  deps.logger.info('reboot requested', { reboot: name, node: node.name, by: by.by, reason: by.reason });
  await deps.queue.reconcile(name, deps.clock.now(), 'decide');
  return { ok: true, reboot: name, node: node.name, ...(card ? { card } : {}) };
}

const isBeingCleanedUp = async (deps: ServiceDeps, node: NodeView, name: string): Promise<boolean> =>
  deps.deletions.has(name) || deps.unwritten.has(name) || (await recreateIfDeleted(deps, node));
