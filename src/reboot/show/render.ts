import { cardData } from '../words/card-data.ts';
import type { ChatRecord } from '../state/chat-record.ts';
import type { Reboot } from '../state/reboot.ts';
import { isIn } from '../state/reboot.ts';
import { PortError } from '../ports/port-error.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { rulesFor } from '../collect/follow-pool.ts';
import { rolloutLedBy } from '../queries/rollout-views.ts';
import { planNow } from '../reconcile/start.ts';

/** Brings the card of a Reboot and its thread to what is stored. */
export async function render(deps: ServiceDeps, name: string): Promise<void> {
  const reboot = await deps.store.latest(name);
  if (!reboot) return;
  // Success is told when the node is back at work: what is left to do takes a moment, and is told as an end
  // when it is done.
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
  // The notice of the automatic rule counts from the card: only now is it known when the rule decides. A
  // Reboot that is gone, and that a watch still shows without a card, would be rendered without an end.
  if (firstPost && isStored && isIn(reboot, 'Pending')) await deps.queue.reconcile(name);
}

const tries = 8;

/**
 * The chat record has one writer, this; the rest of the Reboot may change meanwhile, and is kept. False where
 * the Reboot is gone.
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
