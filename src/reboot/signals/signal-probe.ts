/**
 * Whether the signals of a node can be read, and whether its channel was notified: once, until the node is
 * well again.
 */
import type { NodeReport } from '../nodes/node-report.ts';
import { rebootersOn } from '../nodes/other-rebooters.ts';
import type { AgentView } from '../nodes/observation.ts';
import type { NodeNote } from '../nodes/node-note.ts';
import { type PoolReading, saying } from './signals.ts';
import { day, type Instant, toInstant, toTimestamp } from '../time/time.ts';

/**
 * The result of a probe of a node. `away`: the node is not Ready, under way, or in no pool, so no report is
 * expected from its agent.
 */
export type Probe =
  | { readonly kind: 'well' }
  | { readonly kind: 'away' }
  | { readonly kind: 'unknown'; readonly about: readonly string[]; readonly reason: string };

/** Probes a node that is Ready and not under way. */
export function probeOf(agent: AgentView, isCurrent: boolean, readings: readonly PoolReading[]): Probe {
  if (agent.unreadable !== undefined) {
    return { kind: 'unknown', about: [], reason: `its report cannot be understood (${agent.unreadable})` };
  }
  if (!isCurrent) return { kind: 'unknown', about: [], reason: 'it has not reported since the boot' };
  const unknown = saying('unknown', readings);
  const [first] = unknown;
  if (first === undefined) return { kind: 'well' };
  const reason = first.reason ?? 'no reason given';
  return { kind: 'unknown', about: unknown.map(({ name }) => name), reason };
}

/** Probes for other rebooters, from the report on the current boot. */
export function rebooterProbe(report: NodeReport | undefined): Probe {
  if (report === undefined) return { kind: 'away' };
  const seen = rebootersOn(report);
  if (seen.length === 0) return { kind: 'well' };
  return {
    kind: 'unknown',
    about: seen.map(({ name }) => name),
    reason: seen.map(({ what }) => what).join('; '),
  };
}

export type ProbeStep =
  | { readonly kind: 'keep' }
  | { readonly kind: 'write'; readonly next: NodeNote | undefined }
  /** The note is stored, and the channel was not notified. */
  | { readonly kind: 'untold'; readonly nodeNote: NodeNote };

const keepNote: ProbeStep = { kind: 'keep' };

export function nextStep(known: NodeNote | undefined, seen: Probe, now: Instant): ProbeStep {
  if (known === undefined) {
    if (seen.kind !== 'unknown') return keepNote;
    return { kind: 'write', next: { about: seen.about, since: toTimestamp(now) } };
  }
  // While the node is away, a posted note is kept and an unposted one is dropped: its time counts from the
  // node's return.
  if (seen.kind === 'away') return known.told ? keepNote : { kind: 'write', next: undefined };
  if (seen.kind === 'well') return { kind: 'write', next: undefined };
  if (!isCovered(known, seen.about)) {
    return { kind: 'write', next: { about: seen.about, since: toTimestamp(now) } };
  }
  return known.told ? keepNote : { kind: 'untold', nodeNote: known };
}

/** At most one message in this time, for a service that restarts or a report that changes every minute. */
const renotifyAfter = day;

/** Like `nextStep`, but a posted note is kept for a fixed time, whatever is observed in between. */
export function nextRebooterStep(known: NodeNote | undefined, seen: Probe, now: Instant): ProbeStep {
  const isTold = known?.told === true && now - toInstant(known.notice?.at ?? known.since) < renotifyAfter;
  return isTold ? keepNote : nextStep(known, seen, now);
}

/** Whether the note already covers `about`. A subset of it is not worth a new message. */
const isCovered = ({ about: known }: NodeNote, about: readonly string[]): boolean =>
  about.length === 0 || known.length === 0
    ? about.length === known.length
    : about.every((name) => known.includes(name));
