/**
 * What asks for a reboot of a node: the signals that its pool counts, as they stand. The agent says facts;
 * this is where they are weighed.
 */
import type { Answer, NodeReport, ReportedPackage, SignalReading } from '../nodes/node-report.ts';
import { type PoolSignal, sentinelSignal } from './pool-signal.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Asker } from '../state/need.ts';
import { inWords, toInstant, toTimestamp, type Instant } from '../ports/time.ts';

/** A signal that the pool counts, as it stands. */
export interface PoolReading extends SignalReading {
  /** Whether the node itself says so, or something in the cluster about it. */
  readonly from: 'host' | 'cluster';
}

export interface Sight {
  readonly node: NodeView;
  /** Of the boot that runs; a report of another boot says nothing about this one. */
  readonly report: NodeReport | undefined;
  readonly now: Instant;
}

/** The report, if it is about the boot that the node runs. */
export const reportOf = (
  node: Pick<NodeView, 'bootId'>,
  agent: { readonly report?: NodeReport } | undefined,
): NodeReport | undefined => (agent?.report?.bootId === node.bootId ? agent.report : undefined);

export const readSignals = (signals: readonly PoolSignal[], sight: Sight): readonly PoolReading[] =>
  signals.map((signal) => readSignal(signal, sight));

function readSignal(signal: PoolSignal, sight: Sight): PoolReading {
  const { name } = signal;
  switch (signal.kind) {
    case 'reported':
      return readReport(name, sight.report);
    case 'uptime':
      return { name, ...uptime(signal.longest, sight), from: 'host' };
    case 'condition':
      return { name, ...condition(signal, sight.node), from: 'cluster' };
    case 'label':
      return { name, ...mark('Label', signal, sight.node.labels[signal.key]), from: 'cluster' };
    case 'annotation':
      return { name, ...mark('Annotation', signal, sight.node.annotations?.[signal.key]), from: 'cluster' };
    case 'annotation-since-boot':
      return { name, ...sinceBoot(signal.key, sight), from: 'cluster' };
  }
}

type Said = Omit<SignalReading, 'name'>;

const unknown = (reason: string): Said => ({ required: 'unknown', reason });

const notReported = 'The agent has not reported since the boot';

/** One signal of the host, as the agent reported it. */
export function readReport(name: string, report: NodeReport | undefined): PoolReading {
  const from = 'host';
  if (report === undefined) return { name, ...unknown(notReported), from };
  // It stands at the top of every report, whatever the version of its agent.
  if (name === sentinelSignal.name) return { name, ...sentinelOf(report), from };
  const found = report.signals?.find((reading) => reading.name === name);
  if (found !== undefined) return { ...found, from };
  return { name, ...unknown(`The agent (version ${report.agent}) does not read it on this node`), from };
}

const sentinelOf = ({ required, reason, requiredSince, packages }: NodeReport): Said => ({
  required,
  ...(reason === undefined ? {} : { reason }),
  ...(requiredSince === undefined ? {} : { since: requiredSince }),
  packages,
});

/**
 * The boot time is the agent's word. Nothing in a Node tells it: the Ready condition turns with every hiccup
 * of a kubelet, and the object's age is that of the machine.
 */
function uptime(longest: number, { report, now }: Sight): Said {
  if (report === undefined) return unknown(notReported);
  if (report.bootedAt === undefined) return unknown('The agent does not say when the node booted');
  const due = toInstant(report.bootedAt) + longest;
  if (now < due) return { required: 'no' };
  return { required: 'yes', since: toTimestamp(due), reason: `Up for longer than ${inWords(longest)}` };
}

function condition(
  { type, status }: Extract<PoolSignal, { kind: 'condition' }>,
  { conditions }: NodeView,
): Said {
  const found = conditions?.[type];
  if (found === undefined || (found.status !== 'Unknown' && found.status !== status))
    return { required: 'no' };
  const said = found.message === '' ? '' : `: ${found.message}`;
  const reason = `Condition ${type} is ${found.status}${said}`;
  // What its writer cannot tell is not yes, unless that is what is waited for.
  if (found.status !== status) return unknown(reason);
  return { required: 'yes', reason, ...(found.since === undefined ? {} : { since: found.since }) };
}

function mark(
  what: 'Label' | 'Annotation',
  { key, value }: { readonly key: string; readonly value?: string },
  found: string | undefined,
): Said {
  if (found === undefined || (value !== undefined && found !== value)) return { required: 'no' };
  return { required: 'yes', reason: `${what} ${key}${found === '' ? '' : ` is ${found}`}` };
}

function sinceBoot(key: string, { node, report }: Sight): Said {
  const found = node.annotations?.[key];
  if (found === undefined) return { required: 'no' };
  const at = toInstant(found);
  if (Number.isNaN(at)) return unknown(`Annotation ${key} holds no time`);
  if (report?.bootedAt === undefined)
    return unknown(report === undefined ? notReported : 'The agent does not say when the node booted');
  if (at <= toInstant(report.bootedAt)) return { required: 'no' };
  return { required: 'yes', since: toTimestamp(at), reason: `Annotation ${key} is ${toTimestamp(at)}` };
}

/** One yes is enough; no needs every signal. */
export function verdictOf(readings: readonly PoolReading[]): Answer {
  if (readings.some(({ required }) => required === 'yes')) return 'yes';
  return readings.some(({ required }) => required === 'unknown') ? 'unknown' : 'no';
}

export const saying = (answer: Answer, readings: readonly PoolReading[]): readonly PoolReading[] =>
  readings.filter(({ required }) => required === answer);

export const askersOf = (readings: readonly PoolReading[]): readonly Asker[] =>
  saying('yes', readings).map(({ name, reason }) => ({ name, ...(reason === undefined ? {} : { reason }) }));

/** What all that ask name, each package once. */
export function packagesOf(readings: readonly PoolReading[]): readonly ReportedPackage[] {
  const named = new Map<string, ReportedPackage>();
  for (const { packages = [] } of saying('yes', readings))
    for (const pack of packages) if (!named.has(pack.name)) named.set(pack.name, pack);
  return [...named.values()];
}
