import { agentlessAmong, agentlessBecause } from '../policy/agentless.ts';
import { isOpen } from '../ownership/ownership.ts';
import type { StatusAnswer, StatusRow, StatusView } from '../ports/decisions/decisions.ts';
import { type Completed, completeName } from '../words/complete-name.ts';
import { annotatedPause, isOver, type Pause, type PauseScope } from '../scheduling/snapshot/pauses.ts';
import { rebooterSentences } from '../nodes/other-rebooters.ts';
import { approvalsNeeded, matchesPool, poolNamed, poolOf } from '../policy/pools.ts';
import type { Plan } from '../scheduling/plan/plan.ts';
import { PortError } from '../ports/port-error.ts';
import { sentenceFor } from '../ports/port-error-words.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { isIn, type Phase, type Reboot } from '../state/reboot.ts';
import { reportOf } from '../signals/signals.ts';
import { hour, toInstant } from '../time/time.ts';
import { unreadableSentence } from '../words/unreadable.ts';
import { poolFor } from '../loop/apply.ts';
import { withoutAddresses } from '../ports/refused-config.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { rolloutsOf } from './rollout-views.ts';
import { currentPlan } from '../start/plans.ts';

/** Sort order: running first, then failed, then waiting, then recently ended. */
const phaseSequence: readonly Phase[] = [
  'Rebooting',
  'Draining',
  'Settling',
  'Undoing',
  'Failed',
  'Approved',
  'Pending',
  'Snoozed',
  'Denied',
  'Succeeded',
  'GivenUp',
  'Cancelled',
  'Superseded',
];

const endedShownFor = hour;

export async function status(deps: ServiceDeps, text?: string): Promise<StatusAnswer> {
  const target = text === undefined ? undefined : nameOf(deps, text);
  if (target?.ok === false) return target;
  return { ok: true, status: await statusView(deps, target?.name) };
}

/** Of the whole cluster, or of one node or pool by its whole name. */
export async function statusView(deps: ServiceDeps, of?: string): Promise<StatusView> {
  const scope =
    of === undefined ? { nodes: deps.cluster.nodes(), reboots: deps.store.all() } : scopeOf(deps, of);
  const now = deps.clock.now();
  const recent = scope.reboots.filter((reboot) => isShown(reboot, now, of !== undefined));
  const { blocked, troubles } = await blockedNow(deps);
  const rows = recent.map((reboot): StatusRow => ({
    reboot,
    phase: reboot.state.phase,
    blockers: blocked.get(reboot.name) ?? [],
    approvalsNeeded: approvalsNeeded(poolFor(deps, reboot), reboot.facts),
  }));
  const agentless = agentlessAmong(scope.nodes);
  const served = scope.nodes.filter((node) => agentlessBecause(node) === undefined);
  const busy = new Set(scope.reboots.filter(isOpen).map((reboot) => reboot.node.name));
  return {
    cluster: deps.policy().cluster,
    ...(of === undefined ? {} : { of }),
    nodes: served.length,
    quiet: served.filter((node) => !busy.has(node.name)).length,
    ...(agentless.length === 0 ? {} : { agentless }),
    ...withTroubles([
      ...troubles,
      ...deps.store.unreadable().map(unreadableSentence),
      ...rebootersAmong(deps, served),
    ]),
    pauses: pausesNow(deps, of),
    ...(await rolloutsNow(deps, of)),
    ...refusedIn(deps),
    rows: rows.sort(
      (a, b) =>
        phaseSequence.indexOf(a.phase) - phaseSequence.indexOf(b.phase) ||
        toInstant(a.reboot.need.since) - toInstant(b.reboot.need.since),
    ),
    heardAt: deps.cluster.heardAt(),
    now,
  };
}

function rebootersAmong(deps: ServiceDeps, nodes: readonly NodeView[]): readonly string[] {
  const reports = nodes.flatMap((node) => {
    const agent = deps.cluster.agent(node.name);
    const report = agent === undefined ? undefined : reportOf(node, agent);
    return report?.otherRebooters === undefined ? [] : [{ node: node.name, report }];
  });
  return rebooterSentences(reports);
}

const kinds: readonly PauseScope['kind'][] = ['cluster', 'pool', 'node'];

/**
 * The pauses in force, all or those that concern the named pool or node. A pause that blocks nothing is shown
 * too, since it may be misspelled.
 */
function pausesNow(deps: ServiceDeps, of: string | undefined): StatusView['pauses'] {
  const nodes = deps.cluster.nodes();
  const all = [...deps.pauses.all(), ...nodes.flatMap((node) => annotatedPause(node))];
  const pools = new Set(deps.policy().pools.map(({ name }) => name));
  const names = new Set(nodes.map(({ name }) => name));
  const isIdle = ({ scope }: Pause): boolean =>
    (scope.kind === 'pool' && !pools.has(scope.pool)) || (scope.kind === 'node' && !names.has(scope.node));
  return all
    .filter(
      (pause) =>
        !isOver(pause, deps.clock.now()) && (of === undefined || concernsTarget(pause.scope, of, deps)),
    )
    .sort((a, b) => kinds.indexOf(a.scope.kind) - kinds.indexOf(b.scope.kind))
    .map((pause) => ({ pause, idle: isIdle(pause) }));
}

function concernsTarget(scope: PauseScope, of: string, deps: ServiceDeps): boolean {
  if (scope.kind === 'cluster') return true;
  const node = deps.cluster.cachedNode(of);
  const pool = node === undefined ? of : poolOf(deps.policy(), node)?.name;
  return scope.kind === 'pool' ? scope.pool === pool : scope.node === of;
}

function refusedIn(deps: ServiceDeps): Pick<StatusView, 'refused'> {
  const refused = deps.refusedConfig();
  return refused === undefined ? {} : { refused: withoutAddresses(refused.problem) };
}

async function rolloutsNow(deps: ServiceDeps, of: string | undefined): Promise<Pick<StatusView, 'rollouts'>> {
  const pool = of === undefined ? undefined : poolNamed(deps.policy(), of);
  if (pool?.rollout === undefined) return {};
  try {
    return { rollouts: await rolloutsOf(deps, pool.name) };
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return {};
  }
}

const withTroubles = (troubles: readonly string[]): Pick<StatusView, 'troubles'> =>
  troubles.length === 0 ? {} : { troubles };

interface BlockedNow {
  readonly blocked: Plan['blocked'];
  readonly troubles: readonly string[];
}

/** When the cluster is unreachable, `/reboot status` still shows what is cached. */
async function blockedNow(deps: ServiceDeps): Promise<BlockedNow> {
  try {
    const { blocked, snapshot } = await currentPlan(deps);
    const { ledgerProblem } = snapshot;
    return { blocked, troubles: ledgerProblem === undefined ? [] : [ledgerProblem] };
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return { blocked: new Map(), troubles: [`What waits for what is not known. ${sentenceFor(error)}`] };
  }
}

function isShown(reboot: Reboot, now: number, asked: boolean): boolean {
  if (isOpen(reboot)) return true;
  if (isIn(reboot, 'Superseded') && !asked) return false;
  return now - toInstant(reboot.state.since) < endedShownFor || asked;
}

/** The node or pool that the text names. Nodes that are gone count as long as a Reboot of theirs is kept. */
function nameOf(deps: ServiceDeps, text: string): Completed {
  const names = [
    ...deps.policy().pools.map(({ name }) => name),
    ...deps.cluster.nodes().map(({ name }) => name),
    ...deps.store.all().map(({ node }) => node.name),
  ];
  return completeName(text, { kind: 'node or pool', names, otherwise: 'See `/reboot status`.' });
}

function scopeOf(
  deps: ServiceDeps,
  of: string,
): { readonly nodes: readonly NodeView[]; readonly reboots: readonly Reboot[] } {
  const nodes = deps.cluster.nodes();
  const reboots = deps.store.all();
  const pool = poolNamed(deps.policy(), of);
  if (!pool)
    return {
      nodes: nodes.filter(({ name }) => name === of),
      reboots: reboots.filter(({ node }) => node.name === of),
    };
  return {
    // Nodes on which no agent can run are in no pool, but people look for them where the selector matches.
    nodes: nodes.filter((node) =>
      agentlessBecause(node) === undefined
        ? poolOf(deps.policy(), node)?.name === pool.name
        : matchesPool(pool, node),
    ),
    reboots: reboots.filter((reboot) => reboot.pool === of),
  };
}
