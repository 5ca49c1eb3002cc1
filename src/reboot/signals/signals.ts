/**
 * Evaluates the signals of a pool for a node. The agent only reports facts; this module decides what they
 * mean.
 */
import type { Answer, NodeReport, ReportedPackage, SignalReading } from '../nodes/node-report.ts';
import { type PoolSignal, sentinelSignal } from '../policy/pool-signal.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Asker } from '../state/need.ts';
import { inWords, toInstant, toTimestamp, type Instant } from '../time/time.ts';

/** The current value of a signal of the pool. */
export interface PoolReading extends SignalReading {
  /** The source: the report of the agent on the host, or an object in the cluster. */
  readonly from: 'host' | 'cluster';
}

export interface SignalContext {
  readonly node: NodeView;
  /** The report on the current boot; undefined where the agent has only reported on another boot. */
  readonly report: NodeReport | undefined;
  readonly now: Instant;
}

/** The report, if it is about the node's current boot. */
export const reportOf = (
  node: Pick<NodeView, 'bootId'>,
  agent: { readonly report?: NodeReport } | undefined,
): NodeReport | undefined => (agent?.report?.bootId === node.bootId ? agent.report : undefined);

export const readSignals = (signals: readonly PoolSignal[], context: SignalContext): readonly PoolReading[] =>
  signals.map((signal) => readSignal(signal, context));

function readSignal(signal: PoolSignal, context: SignalContext): PoolReading {
  const { name } = signal;
  switch (signal.kind) {
    case 'reported':
      return readReport(name, context.report);
    case 'uptime':
      return { name, ...readUptime(signal.longest, context), from: 'host' };
    case 'condition':
      return { name, ...readCondition(signal, context.node), from: 'cluster' };
    case 'label':
      return { name, ...readKeyValue('Label', signal, context.node.labels[signal.key]), from: 'cluster' };
    case 'annotation':
      return {
        name,
        ...readKeyValue('Annotation', signal, context.node.annotations?.[signal.key]),
        from: 'cluster',
      };
    case 'annotation-since-boot':
      return { name, ...readSinceBoot(signal.key, context), from: 'cluster' };
  }
}

type SignalState = Omit<SignalReading, 'name'>;

const unknown = (reason: string): SignalState => ({ required: 'unknown', reason });

const notReported = 'The agent has not reported since the boot';

/** One signal of the host, as the agent reported it. */
export function readReport(name: string, report: NodeReport | undefined): PoolReading {
  const from = 'host';
  if (report === undefined) return { name, ...unknown(notReported), from };
  // The sentinel is a top-level field of the report in every agent version.
  if (name === sentinelSignal.name) return { name, ...sentinelOf(report), from };
  const found = report.signals?.find((reading) => reading.name === name);
  if (found !== undefined) return { ...found, from };
  return { name, ...unknown(`The agent (version ${report.agent}) does not read it on this node`), from };
}

const sentinelOf = ({ required, reason, requiredSince, packages }: NodeReport): SignalState => ({
  required,
  ...(reason === undefined ? {} : { reason }),
  ...(requiredSince === undefined ? {} : { since: requiredSince }),
  packages,
});

/**
 * The boot time comes from the agent. A Node does not hold it: the Ready condition also changes when a
 * kubelet is briefly unavailable, and the object's age is that of the machine.
 */
function readUptime(longest: number, { report, now }: SignalContext): SignalState {
  if (report === undefined) return unknown(notReported);
  if (report.bootedAt === undefined) return unknown('The agent does not say when the node booted');
  const due = toInstant(report.bootedAt) + longest;
  if (now < due) return { required: 'no' };
  return { required: 'yes', since: toTimestamp(due), reason: `Up for longer than ${inWords(longest)}` };
}

function readCondition(
  { type, status }: Extract<PoolSignal, { kind: 'condition' }>,
  { conditions }: NodeView,
): SignalState {
  const found = conditions?.[type];
  if (found === undefined || (found.status !== 'Unknown' && found.status !== status))
    return { required: 'no' };
  const message = found.message === '' ? '' : `: ${found.message}`;
  const reason = `Condition ${type} is ${found.status}${message}`;
  // `Unknown` does not count as the configured status, unless `Unknown` is the configured status.
  if (found.status !== status) return unknown(reason);
  return { required: 'yes', reason, ...(found.since === undefined ? {} : { since: found.since }) };
}

function readKeyValue(
  what: 'Label' | 'Annotation',
  { key, value }: { readonly key: string; readonly value?: string },
  found: string | undefined,
): SignalState {
  if (found === undefined || (value !== undefined && found !== value)) return { required: 'no' };
  return { required: 'yes', reason: `${what} ${key}${found === '' ? '' : ` is ${found}`}` };
}

function readSinceBoot(key: string, { node, report }: SignalContext): SignalState {
  const found = node.annotations?.[key];
  if (found === undefined) return { required: 'no' };
  const at = toInstant(found);
  if (Number.isNaN(at)) return unknown(`Annotation ${key} holds no time`);
  if (report?.bootedAt === undefined)
    return unknown(report === undefined ? notReported : 'The agent does not say when the node booted');
  if (at <= toInstant(report.bootedAt)) return { required: 'no' };
  return { required: 'yes', since: toTimestamp(at), reason: `Annotation ${key} is ${toTimestamp(at)}` };
}

/** `yes` if any signal says yes; `no` only if every signal says no. */
export function verdictOf(readings: readonly PoolReading[]): Answer {
  if (readings.some(({ required }) => required === 'yes')) return 'yes';
  return readings.some(({ required }) => required === 'unknown') ? 'unknown' : 'no';
}

export const saying = (answer: Answer, readings: readonly PoolReading[]): readonly PoolReading[] =>
  readings.filter(({ required }) => required === answer);

export const askersOf = (readings: readonly PoolReading[]): readonly Asker[] =>
  saying('yes', readings).map(({ name, reason }) => ({ name, ...(reason === undefined ? {} : { reason }) }));

/** The packages named by the signals that say yes, without duplicates. */
export function packagesOf(
  readings: readonly PoolReading[],
): readonly (ReportedPackage & { readonly signal: string })[] {
  const named = new Map<string, ReportedPackage & { readonly signal: string }>();
  for (const { name: signal, packages = [] } of saying('yes', readings))
    for (const pack of packages) if (!named.has(pack.name)) named.set(pack.name, { ...pack, signal });
  return [...named.values()];
}
