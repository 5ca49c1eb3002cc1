/** The nodes of a pool digest, for choosing among them. */
import { demandsIn } from '../approval/demands.ts';
import { cardData } from '../card/card-data.ts';
import { offersOf } from '../card/offers.ts';
import { asks } from '../pool-digest/asking.ts';
import type { DigestMember } from '../pool-digest/message/digest-facts.ts';
import { packageNames } from '../pool-digest/message/digest-packages.ts';
import { type DigestEntry, entriesAt, shownDigest } from '../pool-digest/pool-digest.ts';
import { sortedByStart } from '../pool-digest/sort-by-start.ts';
import type { MembersAnswer } from '../ports/decisions/many-decisions.ts';
import { toInstant } from '../time/time.ts';
import { poolFor } from '../loop/apply.ts';
import { planForWords } from '../start/plans.ts';
import type { Reboot } from '../state/reboot.ts';
import type { ServiceDeps } from '../loop/deps.ts';

export async function digestMembers(
  deps: ServiceDeps,
  { digest: id, revision }: { readonly digest: string; readonly revision: number },
): Promise<MembersAnswer> {
  const digest = deps.digests.all().find((each) => each.id === id);
  if (!digest || revision < digest.oldest)
    return { ok: false, sentence: 'This list is too old. Look at the latest message of the pool.' };
  const reboots = new Map(deps.store.all().map((reboot) => [reboot.name, reboot]));
  const labels = new Map(deps.cluster.nodes().map((node) => [node.name, node.labels]));
  const shown = Math.min(revision, digest.revision);
  const { blocked } = await planForWords(deps);
  const members = sortedByStart(entriesAt(digest, shown), reboots).flatMap((entry) => {
    const reboot = reboots.get(entry.reboot);
    if (!reboot) return [];
    const offers = [...offersOf(reboot, blocked.get(reboot.name) ?? [])];
    return [{ ...memberOf(reboot, entry, labels.get(reboot.node.name) ?? {}), offers }];
  });
  const pool = poolFor(deps, digest);
  const [any] = reboots.values();
  const cluster = deps.policy().cluster;
  const card = any && cardData(any, { cluster, pool, blockers: [], now: deps.clock.now() });
  return {
    ok: true,
    cluster,
    pool: digest.pool,
    id,
    revision: shown,
    latest: digest.revision,
    members,
    ...(card?.window ? { window: card.window } : {}),
    approveNowAllowed: card?.approveNowAllowed ?? true,
    concurrency: pool.concurrency,
    ...demandsIn(pool),
  };
}

function memberOf(
  reboot: Reboot,
  { digest }: DigestEntry,
  labels: Readonly<Record<string, string>>,
): Omit<DigestMember, 'offers'> {
  const { name, node, state, facts, need } = reboot;
  return {
    reboot: name,
    node: node.name,
    phase: state.phase,
    ...(facts.zone === undefined ? {} : { zone: facts.zone }),
    labels,
    kernel: {
      running: need.kernel.running,
      ...(need.kernel.next === undefined ? {} : { next: need.kernel.next }),
    },
    packages: packageNames(need),
    since: toInstant(need.since),
    asks: asks(reboot) && shownDigest(need.digest) === digest,
  };
}
