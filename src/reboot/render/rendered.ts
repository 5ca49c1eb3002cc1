/** What a card shows, and whether it has changed since this process rendered it. */
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import { cardData } from '../card/card-data.ts';
import type { CardData } from '../card/card-facts.ts';
import { isOpen } from '../ownership/ownership.ts';
import { owesCleanUp } from '../state/clean-up.ts';
import { type Reboot, isIn } from '../state/reboot.ts';
import { type Millis, minute } from '../time/time.ts';
import { rulesFor } from '../loop/follow-pool.ts';
import type { PoolDigest } from '../pool-digest/pool-digest.ts';
import { digestFor, digestWith } from '../loop/decided-in.ts';
import { entriesByName } from '../pool-digest/asking.ts';
import { needsPerson, sameCauseBefore } from '../pool-digest/same-cause.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { plannedBlockers } from '../start/plans.ts';
import { rolloutLedBy } from '../queries/rollout-views.ts';

/**
 * Another replica may have rendered the card since, from another state. So a render is repeated after this
 * time (milliseconds), although nothing has changed.
 */
const renderMaxAge: Millis = 10 * minute;

/** Success is shown only after the clean-up, which takes a moment, when the node is uncordoned. */
export const hasCardContent = (reboot: Reboot): boolean =>
  !isIn(reboot, 'Succeeded') || !owesCleanUp(reboot) || reboot.cleanup?.goesDown !== undefined;

/** Its blockers as far as they are known: the next plan wakes it where they have changed. */
export const blockersOfCard = async (deps: ServiceDeps, reboot: Reboot): Promise<readonly Blocker[]> =>
  (await plannedBlockers(deps, reboot)) ?? [];

/** Everything that the card of a Reboot is a function of. */
export async function dataOfCard(
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
  const digest = digestFor(deps, reboot);
  const before = sameInDigest(deps, reboot);
  return {
    ...data,
    ...(before > 0 ? { sameCauseBefore: before } : {}),
    ...(rollout ? { rollout } : {}),
    ...(digest ? { poolDigest: linkTo(digest) } : {}),
  };
}

function sameInDigest(deps: ServiceDeps, reboot: Reboot): number {
  const digest = needsPerson(reboot) ? digestWith(deps, reboot) : undefined;
  if (digest === undefined) return 0;
  const listed = entriesByName(digest);
  return sameCauseBefore(
    reboot,
    deps.store.all().filter(({ name }) => listed.has(name)),
  );
}

const linkTo = ({ id, chat: { message } }: PoolDigest): NonNullable<CardData['poolDigest']> => ({
  id,
  ...(message ? { message: { channel: message.channel, ts: message.ts } } : {}),
});

/** Asks in the digest of its pool, and has no card. */
export const hasNoCard = (deps: ServiceDeps, reboot: Reboot): boolean =>
  reboot.chat.card === undefined &&
  reboot.chat.posting === undefined &&
  digestFor(deps, reboot) !== undefined;

/** What a digest shows of one Reboot. */
const listedFingerprint = ({ state, need, impact }: Reboot): string => {
  const approvals = 'approvals' in state ? state.approvals.length : 0;
  return [state.phase, state.since, approvals, need.digest, impact?.at].join(' ');
};

/** Records that the digest was updated for this state of it. */
export function noteListed(deps: ServiceDeps, reboot: Reboot): void {
  deps.rendered.set(reboot.name, { fingerprint: listedFingerprint(reboot), at: deps.clock.now() });
}

/** Without the version, and without the chat record, which rendering itself changes. */
function fingerprintOf(deps: ServiceDeps, { reboot, ...data }: CardData): string {
  const { version: _version, chat, ...shown } = reboot;
  return deps.hash(JSON.stringify([shown, data, chat.card?.ts]));
}

/** Whether the card has to be rendered. A render that was lost or failed is due until it has succeeded. */
export async function isRenderDue(
  deps: ServiceDeps,
  reboot: Reboot,
  blockers: readonly Blocker[],
): Promise<boolean> {
  if (!hasCardContent(reboot)) return false;
  const last = deps.rendered.get(reboot.name);
  if (last !== undefined && hasNoCard(deps, reboot)) return last.fingerprint !== listedFingerprint(reboot);
  if (last === undefined || deps.clock.now() - last.at >= renderMaxAge) return true;
  return last.fingerprint !== fingerprintOf(deps, await dataOfCard(deps, reboot, blockers));
}

/**
 * Asks for the card of a Reboot that is over once more, where this process has rendered it from an earlier
 * state: its view was behind, or it was frozen meanwhile. Nothing else renders such a card again.
 */
export async function renderIfOvertaken(deps: ServiceDeps, name: string): Promise<void> {
  const reboot = deps.store.cached(name);
  if (reboot === undefined || isOpen(reboot) || !deps.rendered.has(name)) return;
  if (await isRenderDue(deps, reboot, await blockersOfCard(deps, reboot))) await deps.queue.render(name);
}

export function noteRendered(deps: ServiceDeps, data: CardData): void {
  deps.rendered.set(data.reboot.name, { fingerprint: fingerprintOf(deps, data), at: deps.clock.now() });
}

/** Drops what is kept in memory of Reboots that are gone. */
export function forgetGone({
  rendered,
  rested,
  proofs,
  orders,
  startRefusals,
  assessedAhead,
  steps,
  store,
}: ServiceDeps): void {
  const names = new Set(store.all().map(({ name }) => name));
  for (const kept of [rendered, rested, proofs, orders, startRefusals, assessedAhead, steps])
    for (const name of kept.keys()) if (!names.has(name)) kept.delete(name);
}
