/** Decisions for many in the stories of story.ts. */
import type { ManyRequest } from '../../../src/reboot/pool-digest/many-request.ts';
import type { PoolDigest } from '../../../src/reboot/pool-digest/pool-digest.ts';
import type { ManyDecision } from '../../../src/reboot/ports/decisions/many-decisions.ts';
import { type Instant, minute } from '../../../src/reboot/time/time.ts';

/** On any revision, of all or of one. */
export function anyDecision(digest: PoolDigest, random: () => number, now: Instant): ManyDecision {
  const revision = 1 + Math.floor(random() * digest.revision);
  const only = random() < 0.3 ? digest.entries.slice(0, 1).map(({ reboot }) => reboot) : undefined;
  const request: ManyRequest =
    random() < 0.8
      ? { kind: 'approve', mode: 'now' }
      : random() < 0.5
        ? { kind: 'deny', reason: 'release' }
        : { kind: 'snooze', until: now + minute };
  return { digest: digest.id, revision, request, ...(only ? { only } : {}) };
}

/** Every decision that was stored has reached its Reboots, or says why not. `met`: what occurred. */
export function digestProblem({ decisions, entries }: PoolDigest, met: Set<string>): string | undefined {
  met.add('digest');
  if (entries.some(({ until }) => until !== undefined)) met.add('left a digest');
  for (const { id, of, result } of decisions) {
    if (!result) return `decision ${id} for many is never applied`;
    if (result.applied + result.refused !== of) return `decision ${id} for many is lost for some`;
    if (result.applied > 0) met.add('decided for many');
    if (result.applied > 1) met.add('decided for several');
  }
  return undefined;
}
