import type { DrainPolicy } from '../../reboot/policy.ts';
import type { Instant } from '../../reboot/time.ts';
import { judge, waitEndsAt } from './filters.ts';
import { titleOf, type PodView } from './pod-view.ts';

export interface Survey {
  /** Pods that have to go and have not gone. */
  readonly moving: readonly PodView[];
  /** Those of them to be asked for now: our own wait until they are alone. */
  readonly eligible: readonly PodView[];
  readonly refusals: readonly string[];
  /** When time alone changes the picture. */
  readonly changesAt?: Instant;
}

export interface Surveyor {
  readonly node: string;
  readonly policy: DrainPolicy;
  /** Our own pods, by `namespace/name`. */
  readonly last: ReadonlySet<string>;
}

export function survey(pods: Iterable<PodView>, { node, policy, last }: Surveyor, now: Instant): Survey {
  const moving: PodView[] = [];
  const refusals: string[] = [];
  let changesAt: Instant | undefined;
  for (const pod of pods) {
    const verdict = judge(pod, policy, now);
    // A pod of the same name may run elsewhere by now; whoever asked for this node's pods means this node.
    if (pod.node !== node || verdict.kind === 'stay') continue;
    if (verdict.kind === 'refuse') refusals.push(verdict.sentence);
    else moving.push(pod);
    const end = waitEndsAt(pod, policy);
    if (end !== undefined && (changesAt === undefined || end < changesAt)) changesAt = end;
  }
  const others = moving.filter((pod) => !last.has(titleOf(pod)));
  return {
    moving,
    eligible: others.length > 0 ? others : moving,
    refusals,
    ...(changesAt === undefined ? {} : { changesAt: changesAt + 1 }),
  };
}
