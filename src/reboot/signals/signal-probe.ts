/**
 * Whether the signals of a node can be read, and what its channel was told about it: once, until all was well
 * in between.
 */
import type { NodeReport } from '../nodes/node-report.ts';
import { rebootersOn } from '../nodes/other-rebooters.ts';
import type { AgentView } from '../ports/cluster.ts';
import type { NodeNote } from './node-note.ts';
import { type PoolReading, saying } from './signals.ts';
import { day, type Instant, toInstant, toTimestamp } from '../ports/time.ts';

/**
 * What a look at a node shows. `away`: the node is down, on its way, or nobody's, and nothing can be expected
 * of its agent.
 */
export type Probe =
  | { readonly kind: 'well' }
  | { readonly kind: 'away' }
  | { readonly kind: 'doubt'; readonly about: readonly string[]; readonly reason: string };

/** Of a node that is Ready and left alone. */
export function probeOf(agent: AgentView, isCurrent: boolean, readings: readonly PoolReading[]): Probe {
  if (agent.unreadable !== undefined) {
    return { kind: 'doubt', about: [], reason: `its report cannot be understood (${agent.unreadable})` };
  }
  if (!isCurrent) return { kind: 'doubt', about: [], reason: 'it has not reported since the boot' };
  const unknown = saying('unknown', readings);
  const [first] = unknown;
  if (first === undefined) return { kind: 'well' };
  const reason = first.reason ?? 'no reason given';
  return { kind: 'doubt', about: unknown.map(({ name }) => name), reason };
}

/** What else reboots a node, as its agent says of the boot that runs. */
export function rebooterProbe(report: NodeReport | undefined): Probe {
  if (report === undefined) return { kind: 'away' };
  const seen = rebootersOn(report);
  if (seen.length === 0) return { kind: 'well' };
  return {
    kind: 'doubt',
    about: seen.map(({ name }) => name),
    reason: seen.map(({ what }) => what).join('; '),
  };
}

export type ProbeStep =
  | { readonly kind: 'keep' }
  | { readonly kind: 'write'; readonly next: NodeNote | undefined }
  /** It stands, and the channel was not told. */
  | { readonly kind: 'untold'; readonly nodeNote: NodeNote };

const keep: ProbeStep = { kind: 'keep' };

export function nextStep(known: NodeNote | undefined, seen: Probe, now: Instant): ProbeStep {
  if (known === undefined) {
    if (seen.kind !== 'doubt') return keep;
    return { kind: 'write', next: { about: seen.about, since: toTimestamp(now) } };
  }
  // What was told stays told while the node is away. What was not is counted from its return.
  if (seen.kind === 'away') return known.told ? keep : { kind: 'write', next: undefined };
  if (seen.kind === 'well') return { kind: 'write', next: undefined };
  if (!covers(known, seen.about)) {
    return { kind: 'write', next: { about: seen.about, since: toTimestamp(now) } };
  }
  return known.told ? keep : { kind: 'untold', nodeNote: known };
}

/**
 * A service that ends and starts again, or a report that says another thing each minute, is told of once in
 * this time.
 */
const toldFor = day;

/** As with a doubt, but what was told stays told for a time, whatever is seen meanwhile. */
export function nextRebooterStep(known: NodeNote | undefined, seen: Probe, now: Instant): ProbeStep {
  const isTold = known?.told === true && now - toInstant(known.notice?.at ?? known.since) < toldFor;
  return isTold ? keep : nextStep(known, seen, now);
}

/** Some of it has mended: that is no news that anybody waits for. */
const covers = ({ about: known }: NodeNote, about: readonly string[]): boolean =>
  about.length === 0 || known.length === 0
    ? about.length === known.length
    : about.every((name) => known.includes(name));
