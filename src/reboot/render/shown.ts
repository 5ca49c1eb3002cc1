/** What a card shows, and whether it has changed since this process rendered it. */
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import { cardData } from '../card/card-data.ts';
import type { CardData } from '../card/card-facts.ts';
import { owesCleanUp } from '../state/clean-up.ts';
import { type Reboot, isIn } from '../state/reboot.ts';
import { type Millis, minute } from '../time/time.ts';
import { rulesFor } from '../loop/follow-pool.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { latestPlan } from '../start/start.ts';
import { rolloutLedBy } from '../queries/rollout-views.ts';

/**
 * Another replica may have rendered the card since, from another state. So a render is repeated after this
 * time (milliseconds), although nothing has changed.
 */
const renderMaxAge: Millis = 10 * minute;

/** Success is shown only after the clean-up, which takes a moment, when the node is uncordoned. */
export const isShown = (reboot: Reboot): boolean =>
  !isIn(reboot, 'Succeeded') || !owesCleanUp(reboot) || reboot.cleanup?.goesDown !== undefined;

export async function blockersOf(deps: ServiceDeps, reboot: Reboot): Promise<readonly Blocker[]> {
  if (!isIn(reboot, 'Approved')) return [];
  return (await latestPlan(deps, reboot)).blocked.get(reboot.name) ?? [];
}

/** Everything that the card of a Reboot is a function of. */
export async function shownData(
  deps: ServiceDeps,
  reboot: Reboot,
  blockers: readonly Blocker[],
): Promise<CardData> {
  const rollout = await rolloutLedBy(deps, reboot);
  const data = cardData(reboot, {
    cluster: deps.policy().cluster,
    pool: rulesFor(deps, reboot),
    blockers,
    now: deps.clock.now(),
  });
  return rollout ? { ...data, rollout } : data;
}

/** Without the version, and without the chat record, which rendering itself changes. */
function fingerprintOf(deps: ServiceDeps, { reboot, ...data }: CardData): string {
  const { version: _version, chat, ...shown } = reboot;
  return deps.digest(JSON.stringify([shown, data, chat.card?.ts]));
}

/** Whether the card has to be rendered. A render that was lost or failed is due until it has succeeded. */
export async function isRenderDue(
  deps: ServiceDeps,
  reboot: Reboot,
  blockers: readonly Blocker[],
): Promise<boolean> {
  if (!isShown(reboot)) return false;
  const last = deps.shown.get(reboot.name);
  if (last === undefined || deps.clock.now() - last.at >= renderMaxAge) return true;
  return last.fingerprint !== fingerprintOf(deps, await shownData(deps, reboot, blockers));
}

export function noteShown(deps: ServiceDeps, data: CardData): void {
  deps.shown.set(data.reboot.name, { fingerprint: fingerprintOf(deps, data), at: deps.clock.now() });
}

/** Drops what is kept in memory of Reboots that are gone. */
export function forgetGone({ shown, rested, proofs, orders, store }: ServiceDeps): void {
  const names = new Set(store.all().map(({ name }) => name));
  for (const kept of [shown, rested, proofs, orders])
    for (const name of kept.keys()) if (!names.has(name)) kept.delete(name);
}
