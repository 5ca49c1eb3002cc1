/** The spans of a Reboot: one for the whole, and one for each phase, made when they have ended. */
import { createHash } from 'node:crypto';
import { isOwed } from '../../reboot/state/clean-up.ts';
import { isDecision } from '../../reboot/state/decision.ts';
import { isIn, type Reboot } from '../../reboot/state/reboot.ts';
import { hasEnded } from '../../reboot/loop/transition-log.ts';
import { type Instant, toInstant } from '../../reboot/time/time.ts';

export interface TraceIds {
  readonly traceId: string;
  /** Of the span of the whole Reboot. */
  readonly spanId: string;
}

/**
 * Derived from the name, which stands for one boot of one node: every bot, and each one after it, knows the
 * trace of a Reboot without having stored it.
 */
export function traceIdsOf(cluster: string, reboot: string): TraceIds {
  const hash = createHash('sha256').update(`tugboot trace of ${cluster}/${reboot}`).digest('hex');
  return { traceId: hash.slice(0, 32), spanId: hash.slice(32, 48) };
}

export interface SpanFacts {
  readonly name: string;
  /** The span of the whole: all others of its trace are below it. */
  readonly isWhole: boolean;
  readonly from: Instant;
  readonly to: Instant;
  /** What went wrong, in a sentence. */
  readonly failure?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly events: readonly { readonly name: string; readonly at: Instant }[];
}

/** The spans that have ended with this change of a Reboot. */
export function spansEndedBy(before: Reboot, after: Reboot): readonly SpanFacts[] {
  const changedPhase = before.state.phase !== after.state.phase;
  const isCleaned = isOwed(before.cleanup) && !isOwed(after.cleanup);
  return [
    ...(changedPhase ? [phaseSpan(before, after)] : []),
    ...(isCleaned ? [cleanUpSpan(before, after)] : []),
    ...(hasEnded(before, after) ? [wholeSpan(after)] : []),
  ];
}

const attributesOf = ({ name, node, pool }: Reboot): Readonly<Record<string, string>> => ({
  'tugboot.reboot': name,
  'k8s.node.name': node.name,
  'tugboot.pool': pool,
});

const phaseSpan = (before: Reboot, after: Reboot): SpanFacts => ({
  name: before.state.phase,
  isWhole: false,
  from: toInstant(before.state.since),
  to: toInstant(after.state.since),
  ...(isIn(after, 'Failed') ? { failure: after.state.sentence } : {}),
  attributes: { ...attributesOf(after), 'tugboot.next_phase': after.state.phase },
  events: [],
});

const cleanUpSpan = ({ cleanup }: Reboot, after: Reboot): SpanFacts => ({
  name: 'clean-up',
  isWhole: false,
  from: toInstant(cleanup?.since ?? after.state.since),
  to: toInstant(after.cleanup?.endedAt ?? after.state.since),
  attributes: attributesOf(after),
  events: [],
});

/** From the first sign that the node asks until it is uncordoned. */
const wholeSpan = (after: Reboot): SpanFacts => ({
  name: `reboot ${after.node.name}`,
  isWhole: true,
  from: toInstant(after.need.since),
  to: toInstant(after.cleanup?.endedAt ?? after.state.since),
  attributes: { ...attributesOf(after), 'tugboot.result': after.state.phase },
  events: after.history.filter(isDecision).map(({ what, at }) => ({ name: what, at: toInstant(at) })),
});
