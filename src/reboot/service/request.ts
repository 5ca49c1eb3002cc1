/** A person asks for a reboot of a node, whatever its signals say. */
import type { Caller, Refused, RequestAnswer } from '../decisions.ts';
import { needOf, rebootName } from '../packages.ts';
import { holdRefusal } from '../permissions.ts';
import { askedByPerson, type PersonAsks } from '../person-need.ts';
import type { PoolPolicy } from '../policy.ts';
import { poolOf } from '../pools.ts';
import { PortError } from '../port-error.ts';
import type { NodeView } from '../ports.ts';
import { canAskAgain } from '../transition/decide.ts';
import { standingOf } from '../words.ts';
import { apply } from './apply.ts';
import type { ServiceDeps } from './deps.ts';
import { newReboot, readNow } from './look.ts';
import { reportOf } from '../signals.ts';

const refused = (sentence: string): Refused => ({ ok: false, sentence });

export async function request(
  deps: ServiceDeps,
  asked: { readonly node: string; readonly reason: string | undefined },
  caller: Caller,
): Promise<RequestAnswer> {
  const node = deps.cluster.nodes().find(({ name }) => name === asked.node);
  if (!node) return refused(`I do not know a node "${asked.node}". See /reboot status.`);
  const pool = poolOf(deps.policy(), node);
  if (!pool) return refused(`No pool owns ${node.name}, so Tugboot does not reboot it.`);
  const refusal = holdRefusal(caller, deps.policy(), pool, 'ask for');
  if (refusal !== undefined) return refused(refusal);
  const { id, name } = caller.person;
  const by: PersonAsks = {
    by: { kind: 'user', id, name },
    ...(asked.reason === undefined ? {} : { reason: asked.reason }),
  };
  try {
    return await ask(deps, { node, pool }, by);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    deps.logger.error('request not stored', { node: node.name, by: id, err: error });
    return refused(
      'The cluster did not answer, so it is not known whether that was stored. Try again in a minute.',
    );
  }
}

async function ask(
  deps: ServiceDeps,
  { node, pool }: { readonly node: NodeView; readonly pool: PoolPolicy },
  by: PersonAsks,
): Promise<RequestAnswer> {
  const name = rebootName(node, node.bootId, deps.digest);
  const stored = await deps.store.get(name);
  if (stored) {
    if (!canAskAgain(stored)) return refused(`${node.name} ${standingOf(stored.state.phase)}: see its card.`);
    const applied = await apply(deps, name, { type: 'requested', ...by });
    if (applied.outcome === 'rejected') return refused(applied.rejection.sentence);
  } else {
    const agent = deps.cluster.agent(node.name);
    const report = reportOf(node, agent);
    if (!report)
      return refused(
        `The agent of ${node.name} has said nothing since it booted, so nobody could carry it out.`,
      );
    const need = needOf(report, deps.digest, deps.clock.now(), readNow(deps, node, agent));
    const asked = askedByPerson(need, by, deps.clock.now());
    await deps.store.create(newReboot(deps, { node, report, pool, need: asked }));
  }
  deps.logger.info('reboot requested', { reboot: name, node: node.name, by: by.by, reason: by.reason });
  await deps.queue.advance(name);
  return { ok: true, reboot: name };
}
