/** The decisions that the state of a Reboot allows. Its card offers them, its digest counts them. Pure. */
import type { RebootDecision } from '../approval/decision-request.ts';
import { canAskAgain } from '../machine/decisions/decide.ts';
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import { clearedByApproval, clearedByRetry } from '../scheduling/blockers/blocker-facts.ts';
import type { FailureCode, Phase, Reboot, RebootState } from '../state/reboot.ts';
import { overdueSentence } from '../words/words.ts';

type Kind = RebootDecision['kind'];

export function offersOf(reboot: Reboot, blockers: readonly Blocker[]): ReadonlySet<Kind> {
  const kinds = byPhase[reboot.state.phase](reboot, blockers);
  return new Set(overdueSentence(reboot) === undefined ? kinds : [...kinds, 'skip' as const]);
}

const asked =
  (...kinds: readonly Kind[]) =>
  (): readonly Kind[] =>
    kinds;
const again = (reboot: Reboot): readonly Kind[] => (canAskAgain(reboot) ? ['ask-again'] : []);

const byPhase: Readonly<Record<Phase, (reboot: Reboot, blockers: readonly Blocker[]) => readonly Kind[]>> = {
  Pending: asked('approve', 'snooze', 'deny'),
  Snoozed: asked('approve', 'ask-again', 'deny'),
  Denied: again,
  Approved: ({ state }, blockers) => [
    ...(mayRetry(state, blockers) ? (['retry', 'force'] as const) : []),
    ...(blockers.some(({ code }) => clearedByApproval.has(code)) ? (['approve'] as const) : []),
    'cancel',
  ],
  Draining: ({ state }) => (canForce(state) ? ['cancel', 'force'] : ['cancel']),
  Undoing: asked('cancel'),
  Rebooting: asked(),
  Settling: asked(),
  Succeeded: asked(),
  Failed: ({ state }) =>
    state.phase === 'Failed' && isForcible(state.code) ? ['retry', 'skip', 'force'] : ['retry', 'skip'],
  GivenUp: again,
  Cancelled: again,
  Superseded: again,
};

/** Only during the pause after an undone drain: afterwards the drain starts by itself. */
export const mayRetry = (state: RebootState, blockers: readonly Blocker[]): boolean =>
  state.phase === 'Approved' &&
  state.retry !== undefined &&
  blockers.some(({ code }) => clearedByRetry.has(code));

/** Force is offered only while a budget blocks the drain, and only once. */
export const canForce = (state: RebootState): boolean =>
  state.phase === 'Draining' && state.force === undefined && (state.drain?.waiting.length ?? 0) > 0;

export const isForcible = (code: FailureCode): boolean =>
  code === 'drain-timeout' || code === 'drain-refused' || code === 'drain-error';
