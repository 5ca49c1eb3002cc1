/**
 * The actors of a row of the table: a node, what is known of its reboot, and the turn that goes
 * with it.
 */
import type { Blocker } from '../../../../src/reboot/scheduling/blockers/blockers.ts';
import type { Turn } from '../../../../src/reboot/scheduling/snapshot/ledger.ts';
import { zoneLabel } from '../../../../src/reboot/nodes/node-contract.ts';
import type { NodeView } from '../../../../src/reboot/nodes/node-view.ts';
import type { ApprovalMode, Principal } from '../../../../src/reboot/state/decision.ts';
import type { Cancelled, Failed, Reboot, RebootState } from '../../../../src/reboot/state/reboot.ts';
import type { Impact } from '../../../../src/reboot/state/impact.ts';
import type { DrainRetry } from '../../../../src/reboot/state/undo-facts.ts';
import { minute } from '../../../../src/reboot/time/time.ts';
import { aDecision, aNeed, aNode, aReboot, at, lee, mia, noon, pending } from '../../../fakes/builders.ts';
import {
  givenUp as givenUpState,
  stored,
  anUndo,
  draining,
  failed,
  rebooting,
  settling,
  undoing,
} from '../../../fakes/states.ts';

export interface Actor {
  readonly node?: NodeView;
  readonly reboot?: Reboot;
  readonly turn?: Turn;
}

/** Durations in milliseconds; `ago` counts back from noon. What is not said is of no interest. */
export interface Traits {
  /** The pool whose label the node carries, and whose name its Reboot does. */
  readonly in?: string;
  /** The pool that its Reboot names, where that is another. */
  readonly pool?: string;
  readonly zone?: string;
  /** The value of its label example.com/rack. */
  readonly rack?: string;
  readonly cp?: true;
  readonly ready?: false;
  readonly cordoned?: true;
  /** The key of a taint of its node. */
  readonly taint?: string;
  /** A node for one pod, on which no agent can run. */
  readonly fargate?: true;
  /** The reason of its annotation. */
  readonly paused?: string;
  /** The kernel that it runs. */
  readonly kernel?: string;
  /** The kernel that it would run; null where it is not the kernel that asks. */
  readonly next?: string | null;
  /** Of the packages that change the risk. */
  readonly risk?: string;
  /** How long ago the need arose. */
  readonly asked?: number;
  readonly bootId?: string;
  readonly uid?: string;
  /** Of its dry-run. */
  readonly pods?: number;
  readonly budget?: true;
  /** Whether it has a turn, where that is not what its state says. */
  readonly turn?: boolean;
  /** The name of the pool under which it took its turn, where that is another. */
  readonly turnOf?: string;
}

export const rule: Principal = { kind: 'rule', pool: 'workers' };
export const windowRule: Principal = { kind: 'window', pool: 'workers', window: 'Tue 02:00–05:00' };
export { lee, mia };

export const idle = (name: string, traits: Traits = {}): Actor => ({ node: nodeOf(name, traits) });

export interface Waiting extends Traits {
  readonly for?: ApprovalMode;
  readonly by?: readonly Principal[];
  readonly held?: readonly Blocker[];
  /** Its drain was undone; the pause is over where nothing else is said. */
  readonly undone?: Partial<DrainRetry>;
}

/** Approved, and waits for its start. */
export function waits(name: string, traits: Waiting = {}): Actor {
  const { for: mode = 'now', by = [mia], held, undone } = traits;
  const approvals = by.map((each) => ({ by: each, at: at(0), mode, digest: '4f1c', riskDigest: 'aaaa' }));
  return actor(
    name,
    { turn: false, ...traits },
    {
      phase: 'Approved',
      since: at(0),
      decision: aDecision({ mode, approvals }),
      ...(held === undefined ? {} : { blockers: stored(held) }),
      ...(undone === undefined ? {} : { retry: retryOf(undone) }),
    },
  );
}

function retryOf(undone: NonNullable<Waiting['undone']>): DrainRetry {
  const { notBefore = at(0), ...rest } = undone;
  const retry = { ...anUndo(), at: at(0), ...rest };
  return 'needsPerson' in undone ? retry : { ...retry, notBefore };
}

/** Its node has gone. */
export function nodeless({ reboot, turn }: Actor): Actor {
  return { ...(reboot ? { reboot } : {}), ...(turn ? { turn } : {}) };
}

/** Waits for a decision; `shown` is how long its card has been there. */
export function asks(name: string, { shown, ...traits }: Traits & { shown?: number } = {}): Actor {
  const asking = actor(name, { turn: false, ...traits }, { ...pending, since: at(-(shown ?? minute)) });
  if (shown === undefined || !asking.reboot) return asking;
  const card = { channel: 'C0OPS', ts: ((noon - shown) / 1000).toFixed(6), hash: '' };
  return { ...asking, reboot: { ...asking.reboot, chat: { replies: {}, card } } };
}
export const snoozed = (name: string, traits: Traits = {}): Actor =>
  actor(name, { turn: false, ...traits }, { phase: 'Snoozed', since: at(0), until: at(minute), by: mia });
export const drains = (name: string, traits: Traits = {}): Actor =>
  actor(name, { cordoned: true, ...traits }, draining());
export const undoes = (name: string, traits: Traits = {}): Actor =>
  actor(name, { cordoned: true, ...traits }, undoing());
export const boots = (name: string, traits: Traits = {}): Actor =>
  actor(name, { cordoned: true, ready: false, ...traits }, rebooting());
export const settles = (name: string, traits: Traits = {}): Actor =>
  actor(name, { cordoned: true, bootId: 'boot-2', ...traits }, settling());

export interface Ended extends Traits {
  readonly ago: number;
}

export function done(name: string, { took = 5 * minute, ...traits }: Ended & { took?: number }): Actor {
  const newBootId = traits.bootId ?? 'boot-2';
  return actor(
    name,
    { turn: false, bootId: newBootId, ...traits },
    {
      phase: 'Succeeded',
      since: at(-traits.ago),
      decision: aDecision(),
      cordon: 'us',
      newBootId,
      kernel: traits.kernel ?? '6.8.0-49-generic',
      pods: 1,
      took: { drain: 1, boot: 1, settle: 1, total: took },
    },
  );
}

export const cancelled = (name: string, { from, ...traits }: Ended & Pick<Cancelled, 'from'>): Actor =>
  actor(name, { turn: false, ...traits }, { phase: 'Cancelled', since: at(-traits.ago), by: mia, from });

/** Failed, and nobody has decided on it. */
export const fails = (name: string, traits: Traits & Pick<Partial<Failed>, 'from'> = {}): Actor =>
  actor(name, { cordoned: true, ...traits }, failed(traits.from ? { from: traits.from } : {}));
export const givenUp = (name: string, traits: Ended & Pick<Partial<Failed>, 'from'>): Actor =>
  actor(
    name,
    { turn: false, ...traits },
    givenUpState({ since: at(-traits.ago), ...(traits.from ? { from: traits.from } : {}) }),
  );

function actor(name: string, traits: Traits, state: RebootState): Actor {
  const reboot = rebootOf(name, traits, state);
  if (traits.turn === false) return { node: nodeOf(name, traits), reboot };
  const turn: Turn = {
    reboot: reboot.name,
    node: name,
    pool: traits.turnOf ?? reboot.pool,
    controlPlane: traits.cp === true,
    ...(traits.zone === undefined ? {} : { zone: traits.zone }),
    since: at(-minute),
  };
  return { node: nodeOf(name, traits), reboot, turn };
}

const uidOf = (name: string, { uid }: Traits): string => uid ?? `uid-${name}`;

const nodeOf = (name: string, traits: Traits): NodeView =>
  aNode({
    name,
    uid: uidOf(name, traits),
    bootId: traits.bootId ?? 'boot-1',
    ready: traits.ready !== false,
    unschedulable: traits.cordoned === true,
    labels: {
      ...(traits.in === undefined ? {} : { pool: traits.in }),
      ...(traits.zone === undefined ? {} : { [zoneLabel]: traits.zone }),
      ...(traits.fargate === true ? { 'eks.amazonaws.com/compute-type': 'fargate' } : {}),
      ...(traits.rack === undefined ? {} : { 'example.com/rack': traits.rack }),
    },
    ...(traits.kernel === undefined ? {} : { kernel: traits.kernel }),
    ...(traits.taint === undefined ? {} : { taints: [{ key: traits.taint, effect: 'NoSchedule' }] }),
    ...(traits.paused === undefined ? {} : { paused: traits.paused }),
  });

function rebootOf(name: string, traits: Traits, state: RebootState): Reboot {
  const { next = '6.8.0-49-generic', risk = 'aaaa', asked = minute } = traits;
  const running = '6.8.0-45-generic';
  const need = aNeed({
    since: at(-asked),
    kernel: { running, ...(next === null ? {} : { next }) },
    riskDigest: risk,
  });
  return aReboot({
    name: `${name}-${state.phase}`,
    node: { name, uid: uidOf(name, traits) },
    pool: traits.pool ?? traits.in ?? 'workers',
    need,
    facts: {
      osImage: 'x',
      controlPlane: traits.cp === true,
      ...(traits.zone === undefined ? {} : { zone: traits.zone }),
    },
    ...(traits.pods === undefined && !traits.budget ? {} : { impact: impactOf(traits) }),
    state,
  });
}

const impactOf = ({ pods = 0, budget }: Traits): Impact => ({
  at: at(0),
  podsToMove: pods,
  podsStaying: 0,
  blockedBy: budget ? [{ budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0' }] : [],
  lost: [],
  emptyDir: [],
  refusals: [],
});
