/** Pause and resume, as people request them. */
import { isUnderWay } from '../ownership/ownership.ts';
import type { Caller } from '../approval/person.ts';
import type { PauseAnswer, PauseRequest, Refused, ResumeAnswer } from '../ports/decisions/decisions.ts';
import { completeName } from '../words/complete-name.ts';
import {
  annotatedPause,
  type Pause,
  pausesOn,
  type PauseScope,
  scopeKey,
} from '../scheduling/snapshot/pauses.ts';
import { commandRefusal } from '../approval/permissions.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { poolNamed, poolOf } from '../policy/pools.ts';
import { PortError } from '../ports/port-error.ts';
import { sentenceFor } from '../ports/port-error-words.ts';
import { toTimestamp } from '../time/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { acceptHaltsIn, haltsIn } from './go-on.ts';

type Target = { readonly ok: true; readonly scope: PauseScope; readonly pool?: PoolPolicy } | Refused;

const refused = (sentence: string): Refused => ({ ok: false, sentence });

export function pause(deps: ServiceDeps, request: PauseRequest, caller: Caller): Promise<PauseAnswer> {
  return withPortErrors(deps, async () => {
    const target = authorizedTarget(deps, request.what, caller);
    if (!target.ok) return target;
    const put: Pause = {
      scope: target.scope,
      by: { kind: 'user', id: caller.person.id, name: caller.person.name },
      at: toTimestamp(deps.clock.now()),
      ...(request.until === undefined ? {} : { until: toTimestamp(request.until) }),
      ...(request.reason === undefined ? {} : { reason: request.reason }),
    };
    await deps.pauses.put(put);
    deps.logger.info('reboots paused', {
      what: scopeKey(put.scope),
      by: caller.person.id,
      until: put.until,
      reason: put.reason,
    });
    const underWay = deps.store
      .all()
      .filter((reboot) => isUnderWay(reboot) && isInScope(put.scope, reboot))
      .map((reboot) => reboot.node.name);
    return { ok: true, pause: put, underWay };
  });
}

export function resume(deps: ServiceDeps, what: string, caller: Caller): Promise<ResumeAnswer> {
  return withPortErrors(deps, async () => {
    const target = authorizedTarget(deps, what, caller);
    if (!target.ok) return target;
    const { scope } = target;
    const lifted = await deps.pauses.lift(scope);
    const by = { kind: 'user', id: caller.person.id, name: caller.person.name } as const;
    // Lifting a pause does not accept a halt: the person may never have seen it.
    const accepted =
      scope.kind === 'pool' && lifted === 'not-paused' ? await acceptHaltsIn(deps, scope.pool, by) : [];
    if (lifted === 'not-paused' && accepted.length === 0) return refused(await notPaused(deps, target));
    deps.logger.info('reboots resumed', { what: scopeKey(scope), by: caller.person.id });
    const halts = scope.kind === 'pool' && accepted.length === 0 ? haltsIn(deps, scope.pool) : [];
    return { ok: true, scope, still: await stillPaused(deps, target), accepted, halts };
  });
}

const isInScope = (scope: PauseScope, reboot: { pool: string; node: { name: string } }): boolean =>
  scope.kind === 'cluster' ||
  (scope.kind === 'pool' ? scope.pool === reboot.pool : scope.node === reboot.node.name);

/**
 * Resolves a name to the cluster, a pool or a node. A pool wins over a node of the same name, as everywhere.
 */
function resolveScope(deps: ServiceDeps, what: string): Target {
  if (what === 'cluster' || what === deps.policy().cluster) return { ok: true, scope: { kind: 'cluster' } };
  const pools = deps.policy().pools.map(({ name }) => name);
  const nodes = deps.cluster.nodes().map(({ name }) => name);
  const isKnown = pools.includes(what) || nodes.includes(what);
  // A pause can be lifted by its name although the pool or node no longer exists.
  const paused = isKnown ? undefined : pauseNamed(deps, what);
  if (paused) return { ok: true, scope: paused.scope };
  // The whole cluster has to be named in full.
  const names = [...pools, ...nodes];
  const found = completeName(what, { kind: 'pool or node', names, otherwise: 'Name one, or "cluster".' });
  return found.ok ? targetNamed(deps, found.name) : found;
}

const pauseNamed = (deps: ServiceDeps, what: string): Pause | undefined =>
  deps.pauses
    .all()
    .find(({ scope }) => scopeKey(scope) === `pool.${what}` || scopeKey(scope) === `node.${what}`);

function targetNamed(deps: ServiceDeps, name: string): Target {
  const named = poolNamed(deps.policy(), name);
  if (named) return { ok: true, scope: { kind: 'pool', pool: name }, pool: named };
  const node = deps.cluster.nodes().find((each) => each.name === name);
  const pool = node && poolOf(deps.policy(), node);
  return { ok: true, scope: { kind: 'node', node: name }, ...(pool ? { pool } : {}) };
}

function authorizedTarget(deps: ServiceDeps, what: string, caller: Caller): Target {
  const target = resolveScope(deps, what);
  if (!target.ok) return target;
  const refusal = commandRefusal(caller, deps.policy(), target.pool);
  return refusal === undefined ? target : refused(refusal);
}

/**
 * The pauses that still apply, wider ones included, so that a person who resumes a pool sees that the cluster
 * is paused.
 */
async function stillPaused(
  deps: ServiceDeps,
  { scope, pool }: Extract<Target, { ok: true }>,
): Promise<readonly Pause[]> {
  if (scope.kind === 'cluster') return [];
  const name = scope.kind === 'node' ? scope.node : '';
  const stored = pausesOn(await deps.pauses.read(), { pool: pool?.name ?? '', node: name }, deps.clock.now());
  const node = deps.cluster.cachedNode(name);
  return [...stored, ...(node ? annotatedPause(node) : [])];
}

async function notPaused(deps: ServiceDeps, target: Extract<Target, { ok: true }>): Promise<string> {
  const [wider] = await stillPaused(deps, target);
  const name = { cluster: 'The cluster', pool: 'That pool', node: 'That node' }[target.scope.kind];
  if (wider === undefined) return `${name} is not paused.`;
  if (wider.scope.kind === 'node')
    return `${name} is paused by its annotation tugboot.dev/paused: the person who put it there takes it away.`;
  const what = wider.scope.kind === 'pool' ? wider.scope.pool : 'cluster';
  return `${name} is not paused by itself, but held by a wider pause: "/reboot resume ${what}" lifts it.`;
}

async function withPortErrors<A>(deps: ServiceDeps, work: () => Promise<A | Refused>): Promise<A | Refused> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    deps.logger.error('pause not stored', { err: error });
    return refused(
      `${sentenceFor(error)} It is not known whether that was stored: \`/reboot status\` shows it.`,
    );
  }
}
