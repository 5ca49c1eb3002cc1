import type { Decisions } from '../ports/decisions/decisions.ts';
import type { StartQuestion } from '../ports/outside.ts';
import { type JobReport, type JobResult, silentReport } from '../ports/job-report.ts';
import { type LoopStep, stepOf } from '../machine/step.ts';
import { resultByLog } from '../show/job-log.ts';
import type { Policy } from '../policy/policy.ts';
import { digestLimiter } from '../pool-digest/digest-limits.ts';
import type { Reboot } from '../state/reboot.ts';
import type { Outcome } from '../loop/outcome.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { startReboot } from '../reconcile/start-reboot.ts';
import { decide } from '../commands/record-decision.ts';
import { demandsOf } from '../approval/demands.ts';
import { poolFor } from '../loop/apply.ts';
import { type ServicePorts, withMemory } from '../loop/deps.ts';
import { rebootDeleted } from '../collect/deleted-reboot.ts';
import { requestByPerson } from '../commands/request.ts';
import { decideAll } from '../digests/decide-all.ts';
import { decideList } from '../digests/decide-list.ts';
import { propose } from '../digests/propose.ts';
import { digestMembers } from '../digests/digest-members.ts';
import { spread } from '../digests/spread.ts';
import { updateDigest } from '../digests/update-digest.ts';
import { runningDrains } from '../reconcile/running-drains.ts';
import { preview, why, windows } from '../queries/explain.ts';
import { pause, resume } from '../commands/pause.ts';
import { cleared, blockedReboots } from '../start/blocked-reboots.ts';
import { takeUpAppeared, reconcileNode } from '../collect/reconcile-node.ts';
import { render } from '../render/render.ts';
import { renderIfOvertaken } from '../render/rendered.ts';
import { resync } from '../collect/resync.ts';
import { askIfChanged, planStarts } from '../start/planner.ts';
import { details } from '../queries/details.ts';
import { home } from '../queries/home.ts';
import { status } from '../queries/status.ts';

/** The handlers of the queues. Each takes an id, reads the current state, and is idempotent. */
export interface Work {
  reconcileNode(node: string, report?: JobReport): Promise<JobResult>;
  /** Plans what may start, and wakes that. */
  plan(report?: JobReport): Promise<JobResult>;
  /** Starts a Reboot if it still may. Returns what is to happen next. */
  start(reboot: string, report?: JobReport): Promise<Outcome>;
  /** Returns what is to happen next. */
  reconcile(reboot: string, report?: JobReport): Promise<Outcome>;
  drain(reboot: string, signal: AbortSignal, report?: JobReport): Promise<JobResult>;
  render(reboot: string): Promise<JobResult>;
  /** Updates the digest of a pool, its list and its message. */
  updateDigest(pool: string): Promise<JobResult>;
  /** Applies the decisions for many that are stored in the digest of a pool, or in the shown lists. */
  spread(of: string, report?: JobReport): Promise<JobResult>;
  resync(report?: JobReport): Promise<JobResult>;
  /** The step that a Reboot is at, as far as the watch has told. */
  stepOf(reboot: string): LoopStep | undefined;
}

export interface RebootService extends Decisions, Work {
  /** Handles a change from the watch. */
  rebootChanged(name: string): Promise<void>;
  /** Handles a Reboot that was created by hand or by another replica, or that can be read again. */
  rebootAppeared(name: string): Promise<void>;
  /** Handles a deleted Reboot; `last` is undefined where its record could not be read. */
  rebootDeleted(last: Reboot | undefined): Promise<void>;
  /** Something that a plan depends on has changed: asks for another one. */
  planChanged(): Promise<void>;
  /** Reboots that wait for an external condition, for the watches on those conditions. */
  blockedReboots(): readonly StartQuestion[];
  /** The external conditions of these Reboots seem to be met: checks their gates again now. */
  cleared(reboots: readonly string[]): Promise<void>;
}

/** The service of one cluster, built from its ports. */
export function createService(ports: ServicePorts): RebootService {
  const limited = digestLimiter();
  const policy = (): Policy =>
    limited({
      policy: ports.policy(),
      digests: ports.digests.all(),
      reboots: () => ports.store.all(),
    });
  const deps = withMemory({ ...ports, policy });
  const drains = runningDrains(deps);
  return {
    reconcileNode: (node, report = silentReport) =>
      resultByLog(deps, report, (logging) => reconcileNode(logging, node)),
    plan: () => planStarts(deps),
    start: (name, report) => startReboot(deps, name, report),
    reconcile: (name, report) => reconcile(deps, name, report),
    drain: (name, signal, report) => drains.run(name, signal, report),
    render: (name) => render(deps, name),
    updateDigest: (pool) => updateDigest(deps, pool),
    spread: (pool, report = silentReport) => resultByLog(deps, report, (logging) => spread(logging, pool)),
    resync: (report = silentReport) => resultByLog(deps, report, resync),
    stepOf: (name) => {
      const known = deps.store.cached(name);
      return known && stepOf(known);
    },
    decide: (name, request, person) => decide(deps, { name, request, person }),
    decideAll: (decision, person) => decideAll(deps, decision, person),
    propose: (asked, caller) => propose(deps, asked, caller),
    decideList: (id, person) => decideList(deps, id, person),
    digestMembers: (digest, revision) => digestMembers(deps, { digest, revision }),
    status: (of) => status(deps, of),
    home: (person) => home(deps, person),
    details: (name) => details(deps, name),
    pause: (request, caller) => pause(deps, request, caller),
    resume: (what, caller) => resume(deps, what, caller),
    request: (node, reason, caller) => requestByPerson(deps, { node, reason }, caller),
    why: (node) => why(deps, node),
    preview: (of) => preview(deps, of),
    windows: (pool) => windows(deps, pool),
    demands: (pool) => demandsOf(poolFor(deps, { pool })),
    rebootChanged: (name) => {
      drains.changed(name);
      return renderIfOvertaken(deps, name);
    },
    rebootAppeared: (name) => takeUpAppeared(deps, name),
    rebootDeleted: (last) => rebootDeleted(deps, last),
    planChanged: () => askIfChanged(deps),
    blockedReboots: () => blockedReboots(deps),
    cleared: (reboots) => cleared(deps, reboots),
  };
}
