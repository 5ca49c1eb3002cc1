import type { Decisions } from '../ports/decisions.ts';
import type { StartQuestion } from '../ports/outside.ts';
import type { Reboot } from '../state/reboot.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { decide } from '../commands/record-decision.ts';
import type { ServiceDeps } from './deps.ts';
import { rebootDeleted } from '../collect/deleted-reboot.ts';
import { request } from '../commands/request.ts';
import { runningDrains } from '../reconcile/running-drains.ts';
import { preview, why, windows } from '../queries/explain.ts';
import { pause, resume } from '../commands/pause.ts';
import { cleared, blockedReboots, roomChanged } from '../reconcile/blocked-reboots.ts';
import { takeUpAppeared, reconcileNode } from '../collect/reconcile-node.ts';
import { render } from '../show/render.ts';
import { resync } from '../collect/resync.ts';
import { wakeApproved } from '../reconcile/start.ts';
import { status } from '../queries/status.ts';

/** The work of the queues: each takes an id, reads the truth, and may be repeated at will. */
export interface Work {
  reconcileNode(node: string): Promise<void>;
  reconcile(reboot: string): Promise<void>;
  drain(reboot: string, signal: AbortSignal): Promise<void>;
  render(reboot: string): Promise<void>;
  resync(): Promise<void>;
}

export interface RebootService extends Decisions, Work {
  /** Tells of a change that the watch saw. */
  rebootChanged(name: string): void;
  /** One that another has made, by hand or by another bot, or that can be read again. */
  rebootAppeared(name: string): Promise<void>;
  /** Somebody deleted it; absent where it could not be read. */
  rebootDeleted(last: Reboot | undefined): Promise<void>;
  /** What keeps reboots from starting has changed: all that are approved look again. */
  gatesChanged(): Promise<void>;
  /** A node has changed: whoever waited for room may start. */
  roomChanged(): Promise<void>;
  /** What the outside holds back, for whoever can watch what it waits for. */
  blockedReboots(): readonly StartQuestion[];
  /** What held these back seems to be gone: they are asked about now. */
  cleared(reboots: readonly string[]): Promise<void>;
}

/** Everything that Tugboot does to one cluster, over the ports it is given. */
export function createService(
  ports: Omit<ServiceDeps, 'unwritten' | 'deletions' | 'told' | 'proofsRead' | 'silencedUntil'>,
): RebootService {
  const deps: ServiceDeps = {
    ...ports,
    unwritten: new Map(),
    deletions: new Set(),
    told: new Set(),
    proofsRead: new Map(),
    silencedUntil: new Map(),
  };
  const drains = runningDrains(deps);
  return {
    reconcileNode: (node) => reconcileNode(deps, node),
    reconcile: (name) => reconcile(deps, name),
    drain: (name, signal) => drains.run(name, signal),
    render: (name) => render(deps, name),
    resync: () => resync(deps),
    decide: (name, request, person) => decide(deps, { name, request, person }),
    status: (of) => status(deps, of),
    find: (name) => deps.store.get(name),
    pause: (request, asker) => pause(deps, request, asker),
    resume: (what, asker) => resume(deps, what, asker),
    request: (node, reason, caller) => request(deps, { node, reason }, caller),
    why: (node) => why(deps, node),
    preview: (node) => preview(deps, node),
    windows: (pool) => windows(deps, pool),
    rebootChanged: (name) => drains.changed(name),
    rebootAppeared: (name) => takeUpAppeared(deps, name),
    rebootDeleted: (last) => rebootDeleted(deps, last),
    gatesChanged: () => wakeApproved(deps),
    roomChanged: () => roomChanged(deps),
    blockedReboots: () => blockedReboots(deps),
    cleared: (reboots) => cleared(deps, reboots),
  };
}
