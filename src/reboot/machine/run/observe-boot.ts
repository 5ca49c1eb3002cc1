/** From the order to the proof. */
import type { OrderReceipt } from '../../nodes/node-report.ts';
import type { NodeView } from '../../nodes/node-view.ts';
import type { Observation } from '../../nodes/observation.ts';
import type { FailureCode, In, Reboot, Rebooting, Settling, Succeeded } from '../../state/reboot.ts';
import { inWords, type Instant, type Millis, toInstant, toTimestamp } from '../../time/time.ts';
import { type Context, enter, type Step, unchanged } from '../events/events.ts';
import { orderDeadline } from '../../deadlines/order-deadline.ts';
import { proven } from './hook.ts';
import { failureOf, cannotRecover, missingProof } from '../../proof/proof.ts';

function fail(
  reboot: In<'Rebooting' | 'Settling'>,
  code: FailureCode,
  sentence: string,
  { now }: Context,
): Step {
  return enter(reboot, {
    phase: 'Failed',
    since: toTimestamp(now),
    code,
    sentence,
    from: reboot.state,
  });
}

/** The same boot is still running: wait, and record why. */
export function observeRebooting(
  reboot: In<'Rebooting'>,
  { node, agent }: Observation,
  context: Context,
): Step {
  const { state } = reboot;
  // The agent obeys on a cordoned node only. Somebody who uncordons it wants it back in service, and pods
  // scheduled since then were not drained.
  if (node !== undefined && !node.unschedulable) {
    const sentence = 'Somebody uncordoned the node after it was told to reboot. The order was withdrawn.';
    return fail(reboot, 'uncordoned-by-other', sentence, context);
  }
  const trouble = troubleOf(agent?.report?.order, reboot.bootId);
  const deadline = orderDeadline(reboot, { report: agent?.report, ...context });
  const downSince = state.downSince ?? (node?.ready === false ? toTimestamp(context.now) : undefined);
  const { trouble: _, downSince: __, ...rest } = state;
  const updated: Rebooting = {
    ...rest,
    deadline,
    ...(trouble === undefined ? {} : { trouble }),
    ...(downSince === undefined ? {} : { downSince }),
  };
  // Stored with the agent's last answer, which decides what may be done with the node after the failure.
  if (context.now >= toInstant(deadline)) return neverBooted({ ...reboot, state: updated }, node, context);
  const facts = ['deadline', 'trouble', 'downSince'] as const;
  return facts.every((fact) => updated[fact] === state[fact]) ? unchanged(reboot) : enter(reboot, updated);
}

/** The agent's answer to our order, in words, unless it obeys. */
function troubleOf(receipt: OrderReceipt | undefined, bootId: string): string | undefined {
  if (receipt?.endBoot !== bootId || receipt.state === 'obeying') return undefined;
  return `The agent ${receipt.state} the order: ${receipt.message ?? 'no reason given'}`;
}

function neverBooted(reboot: In<'Rebooting'>, node: NodeView | undefined, context: Context): Step {
  const { state } = reboot;
  const limit = inWords(toInstant(state.deadline) - toInstant(state.since));
  if (node?.ready === true) {
    const why = state.trouble ?? 'The agent did not say why.';
    return fail(
      reboot,
      'did-not-reboot',
      `It was told to reboot and still runs the same boot after ${limit}. ${why}`,
      context,
    );
  }
  return fail(
    reboot,
    'did-not-come-back',
    `It was told to reboot and nothing was heard since, limit ${limit}.`,
    context,
  );
}

/** Records at once what is missing for the proof. The DaemonSet pods are listed only when nothing else is. */
export function toSettling(
  reboot: In<'Rebooting'>,
  { node, agent }: Observation & { readonly node: NodeView },
  context: Context,
): Step {
  const { pool, now } = context;
  const { decision, cordon, drained, since } = reboot.state;
  const settling: Settling = {
    phase: 'Settling',
    since: toTimestamp(now),
    deadline: toTimestamp(now + pool.settleTime + pool.settleTimeout),
    decision,
    cordon,
    drained,
    orderedAt: since,
    newBootId: node.bootId,
    kernel: node.kernel,
    missing: [],
  };
  const observation = { node, ...(agent === undefined ? {} : { agent }), daemonPodsNotReady: [] };
  const missing = missingProof({ ...reboot, state: settling }, observation, context);
  return enter(reboot, { ...settling, missing });
}

/** A new boot succeeds only when nothing has been missing for the settle time. */
export function observeSettling(reboot: In<'Settling'>, observation: Observation, context: Context): Step {
  const { state } = reboot;
  const { now, pool } = context;
  if (observation.node?.bootId !== state.newBootId) {
    return fail(
      reboot,
      'rebooted-again',
      'It booted once more while it was being watched, and not by our order.',
      context,
    );
  }
  const missing = missingProof(reboot, observation, context);
  if (missing.length === 0) {
    const healthySince = state.healthySince ?? toTimestamp(now);
    if (now - toInstant(healthySince) >= pool.settleTime)
      return proven(reboot, context) ?? enter(reboot, succeeded(reboot, observation, now));
    return state.healthySince === undefined
      ? enter(reboot, { ...state, healthySince, missing })
      : unchanged(reboot);
  }
  const isHopeless = cannotRecover(missing) && now - toInstant(state.since) >= pool.settleTime;
  if (isHopeless || now >= toInstant(state.deadline)) {
    return fail(
      settlingOf(reboot, missing),
      failureOf(missing),
      missing.map(({ sentence }) => sentence).join(' '),
      context,
    );
  }
  const same = state.healthySince === undefined && JSON.stringify(missing) === JSON.stringify(state.missing);
  return same ? unchanged(reboot) : { ok: true, reboot: settlingOf(reboot, missing) };
}

function settlingOf(reboot: In<'Settling'>, missing: Settling['missing']): In<'Settling'> {
  const { healthySince: _, ...state } = reboot.state;
  return { ...reboot, state: { ...state, missing } };
}

function succeeded(
  reboot: Reboot & { readonly state: Settling },
  { agent }: Observation,
  now: number,
): Succeeded {
  const report = agent?.report;
  // Only the agent's signal says that the kernel is newer. Another installed kernel may be older.
  const isNewer = report?.signals?.some(({ name, required }) => name === 'kernel' && required === 'yes');
  const newest = isNewer === true ? report?.kernel.newest : undefined;
  const { decision, cordon, newBootId, kernel, drained, orderedAt, since } = reboot.state;
  const drainStart = toInstant(drained.startedAt);
  return {
    phase: 'Succeeded',
    since: toTimestamp(now),
    decision,
    cordon,
    newBootId,
    kernel,
    ...(newest === undefined || newest === kernel ? {} : { newerKernel: newest }),
    pods: drained.pods,
    took: {
      drain: between(drainStart, toInstant(drained.endedAt)),
      boot: between(toInstant(orderedAt), toInstant(since)),
      settle: between(toInstant(since), now),
      total: between(drainStart, now),
    },
  };
}

/** Two replicas, whose clocks differ, may have told the two times: no record has a negative duration. */
const between = (from: Instant, to: Instant): Millis => Math.max(0, to - from);
