import { cardData } from '../words/card-data.ts';
import type { ChatRecord } from '../state/chat-record.ts';
import type { Reboot } from '../state/reboot.ts';
import { isIn } from '../state/reboot.ts';
import { PortError } from '../ports/port-error.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { rulesFor } from '../collect/follow-pool.ts';
import { rolloutLedBy } from '../queries/rollout-views.ts';
import { planNow } from '../reconcile/start.ts';

/** Updates the card of a Reboot and its thread from the stored state. */
export async function render(deps: ServiceDeps, name: string): Promise<void> {
  const reboot = await deps.store.latest(name);
  if (!reboot) return;
  // Success is shown only after the clean-up, which takes a moment, when the node is uncordoned.
  if (isIn(reboot, 'Succeeded') && !reboot.state.tidied && !reboot.state.goesDown) return;
  const firstPost = reboot.chat.card === undefined;
  const blockers = isIn(reboot, 'Approved') ? ((await planNow(deps, reboot)).blocked.get(name) ?? []) : [];
  const rollout = await rolloutLedBy(deps, reboot);
  const data = cardData(reboot, {
    cluster: deps.policy().cluster,
    pool: rulesFor(deps, reboot),
    blockers,
    now: deps.clock.now(),
  });
  let isStored = false;
  await deps.chat.show({ ...data, ...(rollout ? { rollout } : {}) }, async (record) => {
    if (await saveRecord(deps, name, record)) isStored ||= record.card !== undefined;
  });
  // The notice period of the rule starts at the first post, so its deadline is known only now.
  if (firstPost && isStored && isIn(reboot, 'Pending')) await deps.queue.reconcile(name);
}

const tries = 8;

/**
 * Stores the chat record by compare-and-swap. This is its only writer; concurrent changes to the rest of the
 * Reboot are kept.
 */
async function saveRecord(deps: ServiceDeps, name: string, chat: ChatRecord): Promise<boolean> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const { store } = deps;
    const reboot: Reboot | undefined = await (attempt === 0 ? store.latest(name) : store.get(name));
    if (!reboot) return false;
    const saved = await deps.store.save({ ...reboot, chat });
    if (saved !== 'conflict') return saved !== 'gone';
  }
  throw new PortError('conflict', `The chat record of ${name} could not be saved: others keep writing.`, {
    retryable: true,
  });
}
