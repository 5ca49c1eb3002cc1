/** Queries of people: why a node does not start, what its drain would do, when it may start. Read-only. */
import { agentlessBecause } from '../policy/agentless.ts';
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import type {
  PreviewAnswer,
  Refused,
  WhyAnswer,
  WhyView,
  WindowsAnswer,
  WindowsView,
} from '../ports/decisions/decisions.ts';
import type { Snapshot } from '../scheduling/snapshot/snapshot.ts';
import { annotatedPause, isOver } from '../scheduling/snapshot/pauses.ts';
import type { Policy, PoolPolicy } from '../policy/policy.ts';
import { poolNamed, poolOf } from '../policy/pools.ts';
import { PortError } from '../ports/port-error.ts';
import { sentenceFor } from '../ports/port-error-words.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { isUnderWay } from '../ownership/ownership.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { completeName } from '../words/complete-name.ts';
import { reportOf, verdictOf } from '../signals/signals.ts';
import { unreadableSentence } from '../words/unreadable.ts';
import { asIfApproved, whyNot } from '../card/why.ts';
import { nextOpenings } from '../windows/upcoming.ts';
import { whatOpens, windowNotes } from '../windows/notes.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { poolFor } from '../loop/apply.ts';
import { rulesFor } from '../loop/follow-pool.ts';
import { assessIn } from '../start/assess.ts';
import { currentReadings } from '../detect/new-reboot.ts';
import { questionAbout } from '../start/gate-check.ts';
import { currentPlan } from '../start/plans.ts';
import { forecastOf } from './pool-forecast.ts';

const refused = (sentence: string): Refused => ({ ok: false, sentence });

function nodeNamed(deps: ServiceDeps, text: string): NodeView | Refused {
  const nodes = deps.cluster.nodes();
  const names = nodes.map(({ name }) => name);
  const target = completeName(text, { kind: 'node', names, otherwise: 'See `/reboot status`.' });
  if (!target.ok) return target;
  const node = nodes.find(({ name }) => name === target.name);
  // The name was found among these nodes.
  return node ?? refused(`Node ${target.name} is gone.`);
}

const portRefusal = (error: unknown): Refused => {
  if (!(error instanceof PortError)) throw error;
  return refused(sentenceFor(error));
};

export async function why(deps: ServiceDeps, name: string): Promise<WhyAnswer> {
  const node = nodeNamed(deps, name);
  if ('ok' in node) return node;
  const unreadable = recordOf(deps.store.unreadable(), node);
  if (unreadable) return refused(unreadableSentence(unreadable));
  const reboots = deps.store.all();
  const reboot =
    reboots.find((each) => each.node.uid === node.uid && isUnderWay(each)) ?? recordOf(reboots, node);
  const pool = poolOf(deps.policy(), node)?.name;
  const agentless = agentlessBecause(node);
  try {
    const view: WhyView = {
      cluster: deps.policy().cluster,
      node,
      ...(pool === undefined ? {} : { pool }),
      ...(agentless === undefined ? {} : { agentless }),
      asks: verdictFor(deps, node),
      ...(reboot ? { reboot, approvers: poolFor(deps, reboot).approvers } : {}),
      ...(reboot ? await blockersFor(deps, reboot) : { blockers: [], asked: [] }),
      now: deps.clock.now(),
    };
    return { ok: true, why: view };
  } catch (error) {
    return portRefusal(error);
  }
}

/**
 * The record that people ask about: that of the running boot, or the one for which the node is cordoned. A
 * node that has booted is cordoned for a record of the boot before.
 */
const recordOf = <Record extends Pick<Reboot, 'name' | 'node' | 'bootId'>>(
  records: readonly Record[],
  { uid, bootId, cordonedBy }: NodeView,
): Record | undefined => {
  const own = records.filter((each) => each.node.uid === uid);
  return own.find((each) => each.bootId === bootId) ?? own.find(({ name }) => name === cordonedBy);
};

/** With the rules of this Reboot: where its digest asks for it, the notice of the rule counts from there. */
export function policyFor(deps: ServiceDeps, reboot: Reboot): Policy {
  const policy = deps.policy();
  const rules = rulesFor(deps, reboot);
  return { ...policy, pools: policy.pools.map((pool) => (pool.name === reboot.pool ? rules : pool)) };
}

/** The blockers from the plan, and those from a gate check made now. */
async function blockersFor(deps: ServiceDeps, reboot: Reboot): Promise<Pick<WhyView, 'blockers' | 'asked'>> {
  const planned = await currentPlan(deps);
  const asked = await previewGates(deps, reboot, planned.snapshot);
  // Stored gate blockers of the same codes are older.
  const fresh = new Set(asked.map(({ code }) => code));
  const policy = policyFor(deps, reboot);
  const blockers = whyNot(reboot, { ...planned, policy }, deps.clock.now());
  return { blockers: blockers.filter(({ code }) => !fresh.has(code)), asked };
}

/** Checks the gates for a Reboot that is approved, or as if it were. */
async function previewGates(
  deps: ServiceDeps,
  reboot: Reboot,
  snapshot: Snapshot,
): Promise<readonly Blocker[]> {
  const approved = isIn(reboot, 'Pending')
    ? asIfApproved(reboot, policyFor(deps, reboot), deps.clock.now())
    : reboot;
  if (!isIn(approved, 'Approved')) return [];
  const question = questionAbout(deps, approved, snapshot);
  return question ? deps.preview.ask(question) : [];
}

/** The verdict of the pool's signals. A report on another boot does not count. */
function verdictFor(deps: ServiceDeps, node: NodeView): WhyView['asks'] {
  const agent = deps.cluster.agent(node.name);
  return reportOf(node, agent) === undefined ? 'silent' : verdictOf(currentReadings(deps, node, agent));
}

/** What a reboot of the node, or the next ones of the pool, would do. A pool wins over a node of its name. */
export async function preview(deps: ServiceDeps, text: string): Promise<PreviewAnswer> {
  const { pools } = deps.policy();
  const names = [...pools.map(({ name }) => name), ...deps.cluster.nodes().map(({ name }) => name)];
  const target = completeName(text, { kind: 'node or pool', names, otherwise: 'See `/reboot status`.' });
  if (!target.ok) return target;
  try {
    const pool = poolNamed(deps.policy(), target.name);
    return pool ? await forecastOf(deps, pool) : await impactOn(deps, target.name);
  } catch (error) {
    return portRefusal(error);
  }
}

async function impactOn(deps: ServiceDeps, name: string): Promise<PreviewAnswer> {
  const node = nodeNamed(deps, name);
  if ('ok' in node) return node;
  const pool = poolOf(deps.policy(), node);
  const agentless = agentlessBecause(node);
  if (agentless !== undefined)
    return refused(`${name} ${agentless}. No agent can run there, so Tugboot would never drain it.`);
  if (!pool) return refused(`No pool owns ${name}, so Tugboot would never drain it.`);
  const impact = await assessIn(deps, pool, { node: name, fresh: true });
  return { ok: true, of: 'node', node: name, pool: pool.name, impact };
}

/** How many openings are listed. */
const openingsShown = 5;

export async function windows(deps: ServiceDeps, of?: string): Promise<WindowsAnswer> {
  const { cluster, pools } = deps.policy();
  const names = pools.map(({ name }) => name);
  const target = of === undefined ? undefined : completeName(of, { kind: 'pool', names });
  if (target?.ok === false) return target;
  const chosen = target === undefined ? pools : pools.filter(({ name }) => name === target.name);
  return { ok: true, cluster, pools: chosen.map((pool) => windowsOf(deps, pool)), now: deps.clock.now() };
}

/** When reboots may start next, in every pool. */
export const allWindows = (deps: ServiceDeps): readonly WindowsView[] =>
  deps.policy().pools.map((pool) => windowsOf(deps, pool));

function windowsOf(deps: ServiceDeps, pool: PoolPolicy): WindowsView {
  const now = deps.clock.now();
  const stored = deps.pauses.all().filter((pause) => !isOver(pause, now) && coversPool(pause.scope, pool));
  const annotated = deps.cluster
    .nodes()
    .filter((node) => poolOf(deps.policy(), node)?.name === pool.name)
    .flatMap((node) => annotatedPause(node));
  return {
    pool: pool.name,
    approval: pool.approval,
    windows: whatOpens(pool),
    next: nextOpenings(pool, now, openingsShown),
    notes: windowNotes(pool, now),
    pauses: [...stored, ...annotated],
  };
}

const coversPool = (scope: { kind: string; pool?: string }, pool: PoolPolicy): boolean =>
  scope.kind === 'cluster' || (scope.kind === 'pool' && scope.pool === pool.name);
