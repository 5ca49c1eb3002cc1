import type { ClusterEvent } from '../nodes/cluster-event.ts';
import { owesCleanUp } from '../state/clean-up.ts';
import { type CordonOwner, isIn, type Phase, type Reboot } from '../state/reboot.ts';
import { inWords, toTimestamp } from '../time/time.ts';
import { hookSays, passedHook } from '../deadlines/hook-waits.ts';
import { cordonLeft, decidedBy, needsUncordon, overdueSentence } from '../words/words.ts';
import { fieldsOf } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

type Announcement = Pick<ClusterEvent, 'type' | 'reason' | 'note'>;

const normal = (reason: string, note: string): Announcement => ({ type: 'Normal', reason, note });
const warning = (reason: string, note: string): Announcement => ({ type: 'Warning', reason, note });

/**
 * The Event of each phase. Phases that change nothing on the node have none. An Event reports a fact: where a
 * phase is entered before its effect is carried out, it is recorded after the effect.
 */
function announcementOf(reboot: Reboot): Announcement | undefined {
  const { state } = reboot;
  switch (state.phase) {
    case 'Pending':
      return normal('RebootRequired', `A reboot is required and waits for a decision (${reboot.name}).`);
    case 'Approved':
      return normal('RebootApproved', `Approved by ${decidedBy(state) ?? 'nobody'}.`);
    case 'Draining':
      return state.cordon && normal('RebootDraining', drainingNotes[state.cordon]);
    case 'Undoing':
      return warning('RebootDrainUndone', `Its drain was undone: ${state.undo.cause}.`);
    case 'Rebooting':
      return normal(
        'RebootOrdered',
        `Drained of ${state.drained.pods} ${state.drained.pods === 1 ? 'pod' : 'pods'}; ordered to end boot ${reboot.bootId}.`,
      );
    case 'Settling':
      return normal('RebootSettling', `Back with boot ${state.newBootId} and kernel ${state.kernel}.`);
    case 'Succeeded': {
      if (owesCleanUp(reboot)) return undefined;
      const rebooted = `Rebooted in ${inWords(state.took.total)} with kernel ${state.kernel}.`;
      const left = cordonLeft(reboot);
      if (needsUncordon(reboot)) return warning('RebootStaysCordoned', `${rebooted} ${left ?? ''}`);
      return normal('RebootSucceeded', left === undefined ? rebooted : `${rebooted} ${left}`);
    }
    case 'Failed':
      return warning('RebootFailed', `${state.code}: ${state.sentence}`);
    case 'Cancelled':
      return normal('RebootCancelled', `Cancelled by ${decidedBy(state) ?? 'nobody'}.`);
    case 'Snoozed':
    case 'Denied':
    case 'GivenUp':
    case 'Superseded':
      return undefined;
  }
}

const drainingNotes: Readonly<Record<CordonOwner, string>> = {
  us: 'Cordoned and draining for a reboot.',
  other: 'Draining for a reboot; it was cordoned before, and stays so.',
};

/** Phases whose Event is recorded after their effect, by the code that runs the effect. */
const followsItsEffect = (reboot: Reboot): boolean => isIn(reboot, 'Rebooting', 'Undoing');

/** Renders the card and records the Event of a new phase. A failed Event does not delay the reboot. */
export async function announce(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  await deps.queue.render(reboot.name);
  if (!followsItsEffect(reboot)) await recordPhase(deps, reboot);
}

/** Records the Event of the phase, on the node and on the Reboot. */
export async function recordPhase(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  const announcement = announcementOf(reboot);
  if (announcement)
    await recordEvent(deps, reboot, { key: reboot.state.phase.toLowerCase(), ...announcement });
}

/**
 * Announces a finished clean-up. The end itself was announced before; whether the node stays cordoned is
 * known only now.
 */
export async function announceCleanUp(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  if (isIn(reboot, 'Succeeded')) return announce(deps, reboot);
  const left = needsUncordon(reboot) ? cordonLeft(reboot) : undefined;
  if (left !== undefined)
    await recordEvent(deps, reboot, { key: 'cordoned', ...warning('RebootStaysCordoned', left) });
}

export async function announceOverdue(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  await deps.queue.render(reboot.name);
  const sentence = overdueSentence(reboot);
  if (sentence !== undefined)
    await recordEvent(deps, reboot, { key: 'overdue', ...warning('RebootOverdue', sentence) });
}

/**
 * Announces the result of a hook: a failure as a phase, or, once for each run, that the reboot continues
 * without approval of the hook.
 */
export async function announceHook(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  if (isIn(reboot, 'Failed')) return announce(deps, reboot);
  const passed = passedHook(reboot.state);
  if (passed === undefined) return;
  deps.logger.warn('reboot goes on without its hook', { ...fieldsOf(reboot), hook: passed.step });
  const note = `It goes on without a hook. ${hookSays(passed.step, passed.said)}`;
  await recordEvent(deps, reboot, { key: `hook.${passed.step}`, ...warning('RebootHookFailed', note) });
}

/** Announces that the steps of a Reboot are slowed down, since they do not come to rest. */
export async function announceRestless(deps: ServiceDeps, reboot: Reboot, from: Phase): Promise<void> {
  const to = reboot.state.phase;
  deps.logger.error('reboot does not come to rest; its steps are slowed down', {
    ...fieldsOf(reboot),
    from,
    to,
  });
  const note = `It goes from ${from} to ${to} again and again. Its steps are slowed down; see the log of Tugboot.`;
  await recordEvent(deps, reboot, { key: 'restless', ...warning('RebootRestless', note) });
}

async function recordEvent(
  deps: ServiceDeps,
  reboot: Reboot,
  { key, ...announcement }: Announcement & { readonly key: string },
): Promise<void> {
  const at = toTimestamp(deps.clock.now());
  try {
    await deps.cluster.record({
      node: reboot.node.name,
      nodeUid: reboot.node.uid,
      ...(reboot.uid === undefined ? {} : { reboot: { name: reboot.name, uid: reboot.uid } }),
      key: `${reboot.name}.${key}.${Date.parse(reboot.state.since)}`,
      at,
      ...announcement,
    });
  } catch (error) {
    deps.logger.warn('event not recorded', { ...fieldsOf(reboot), err: error });
  }
}
