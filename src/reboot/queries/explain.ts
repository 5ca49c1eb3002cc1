/** What people ask: why a node does not start, what its drain would meet, when it may. Reads only. */
import { agentlessBecause } from '../nodes/agentless.ts';
import type { Blocker } from '../scheduling/blockers.ts';
import type {
  PreviewAnswer,
  Refused,
  WhyAnswer,
  WhyView,
  WindowsAnswer,
  WindowsView,
} from '../ports/decisions.ts';
import type { Snapshot } from '../scheduling/snapshot.ts';
import { annotatedPause, isOver } from '../scheduling/pauses.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { poolNamed, poolOf } from '../policy/pools.ts';
import { PortError } from '../ports/port-error.ts';
import { sentenceFor } from '../words/port-error-words.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { nearest } from '../words/nearest.ts';
import { reportOf, verdictOf } from '../signals/signals.ts';
import { unreadableSentence } from '../words/unreadable.ts';
import { asIfApproved, whyNot } from '../words/why.ts';
import { nextOpenings } from '../windows/upcoming.ts';
import { whatOpens, windowNotes } from '../windows/notes.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { poolFor } from '../reconcile/apply.ts';
import { assessIn } from '../reconcile/assess.ts';
import { readNow } from '../collect/new-reboot.ts';
import { questionAbout, snapshotOf } from '../reconcile/start.ts';

const refused = (sentence: string): Refused => ({ ok: false, sentence });

function nodeNamed(deps: ServiceDeps, name: string): NodeView | Refused {
  const nodes = deps.cluster.nodes();
  const node = nodes.find((each) => each.name === name);
  if (node) return node;
  const guess = nearest(
    name,
    nodes.map((each) => each.name),
  );
  return refused(
    `I do not know a node "${name}".${guess === undefined ? ' See /reboot status.' : ` Did you mean ${guess}?`}`,
  );
}

const silent = (error: unknown): Refused => {
  if (!(error instanceof PortError)) throw error;
  return refused(sentenceFor(error));
};

export async function why(deps: ServiceDeps, name: string): Promise<WhyAnswer> {
  const node = nodeNamed(deps, name);
  if ('ok' in node) return node;
  const isIts = (each: Pick<Reboot, 'node' | 'bootId'>): boolean =>
    each.node.uid === node.uid && each.bootId === node.bootId;
  const unreadable = deps.store.unreadable().find(isIts);
  if (unreadable) return refused(unreadableSentence(unreadable));
  const reboot = deps.store.all().find(isIts);
  const pool = poolOf(deps.policy(), node)?.name;
  const agentless = agentlessBecause(node);
  try {
    const view: WhyView = {
      cluster: deps.policy().cluster,
      node,
      ...(pool === undefined ? {} : { pool }),
      ...(agentless === undefined ? {} : { agentless }),
      asks: askedBy(deps, node),
      ...(reboot ? { reboot, approvers: poolFor(deps, reboot).approvers } : {}),
      ...(reboot ? await heldBackBy(deps, reboot) : { blockers: [], asked: [] }),
      now: deps.clock.now(),
    };
    return { ok: true, why: view };
  } catch (error) {
    return silent(error);
  }
}

/** What the plan has against its start, and what the gates have. */
async function heldBackBy(deps: ServiceDeps, reboot: Reboot): Promise<Pick<WhyView, 'blockers' | 'asked'>> {
  const snapshot = await snapshotOf(deps);
  const asked = await askGates(deps, reboot, snapshot);
  // What was stored when they were asked last is older.
  const fresh = new Set(asked.map(({ code }) => code));
  const planned = whyNot(reboot, snapshot, deps.policy(), deps.clock.now());
  return { blockers: planned.filter(({ code }) => !fresh.has(code)), asked };
}

/** Of a node that waits for its start, or would if it were approved. */
async function askGates(deps: ServiceDeps, reboot: Reboot, snapshot: Snapshot): Promise<readonly Blocker[]> {
  const approved = isIn(reboot, 'Pending') ? asIfApproved(reboot, deps.policy(), deps.clock.now()) : reboot;
  if (!isIn(approved, 'Approved')) return [];
  const question = questionAbout(deps, approved, snapshot);
  return question ? deps.preview.ask(question) : [];
}

/**
 * What the signals of its pool say together. What the agent said about another boot says nothing about this
 * one.
 */
function askedBy(deps: ServiceDeps, node: NodeView): WhyView['asks'] {
  const agent = deps.cluster.agent(node.name);
  return reportOf(node, agent) === undefined ? 'silent' : verdictOf(readNow(deps, node, agent));
}

export async function preview(deps: ServiceDeps, name: string): Promise<PreviewAnswer> {
  const node = nodeNamed(deps, name);
  if ('ok' in node) return node;
  const pool = poolOf(deps.policy(), node);
  const agentless = agentlessBecause(node);
  if (agentless !== undefined)
    return refused(`${name} ${agentless}. No agent can run there, so Tugboot would never drain it.`);
  if (!pool) return refused(`No pool owns ${name}, so Tugboot would never drain it.`);
  try {
    return {
      ok: true,
      node: name,
      pool: pool.name,
      impact: await assessIn(deps, pool, { node: name, fresh: true }),
    };
  } catch (error) {
    return silent(error);
  }
}

/** How many openings are worth reading. */
const openingsShown = 5;

export async function windows(deps: ServiceDeps, of?: string): Promise<WindowsAnswer> {
  const { cluster, pools } = deps.policy();
  const chosen = of === undefined ? pools : pools.filter(({ name }) => name === of);
  if (of !== undefined && !poolNamed(deps.policy(), of)) {
    const guess = nearest(
      of,
      pools.map(({ name }) => name),
    );
    return refused(`I do not know a pool "${of}".${guess === undefined ? '' : ` Did you mean ${guess}?`}`);
  }
  return { ok: true, cluster, pools: chosen.map((pool) => windowsOf(deps, pool)), now: deps.clock.now() };
}

function windowsOf(deps: ServiceDeps, pool: PoolPolicy): WindowsView {
  const now = deps.clock.now();
  const stored = deps.pauses.all().filter((pause) => !isOver(pause, now) && isAbout(pause.scope, pool));
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

const isAbout = (scope: { kind: string; pool?: string }, pool: PoolPolicy): boolean =>
  scope.kind === 'cluster' || (scope.kind === 'pool' && scope.pool === pool.name);
