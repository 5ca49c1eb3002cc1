/** The metrics of the bot, for Prometheus: counts what the Meter is told, and reads state when scraped. */
import process from 'node:process';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Meter } from '../../reboot/ports/meter.ts';
import { type Clock, second } from '../../reboot/time/time.ts';
import { hasCluster, type MetricDefinition, type MetricName, metricTable, type Sample } from './table.ts';
import { transitionSamples } from './transition-samples.ts';
import type { Sleep } from '../../timing/sleep.ts';

/** Reads state at a scrape. What it returns replaces all that the same gauges held before. */
export type SampleSource = () => readonly Sample[] | Promise<readonly Sample[]>;

export interface Metrics {
  readonly meter: Meter;
  readonly contentType: string;
  /** Adds a source of gauges. */
  read(source: SampleSource): void;
  /** The same for one cluster, whose name each of its samples has as a label. */
  of(cluster: string): ClusterMetrics;
  /**
   * The text of a scrape. A source that fails or has not answered after two seconds is left out, so that a
   * scrape succeeds while the API server or the queue is away.
   */
  expose(): Promise<string>;
}

export interface ClusterMetrics extends Pick<Metrics, 'meter' | 'read'> {
  /** Takes its sources away again. */
  leave(): void;
}

export interface MetricsOptions {
  readonly version: string;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** Prometheus waits for ten seconds by default. */
const longestRead = 2 * second;

export function createMetrics({ version, clock, sleep }: MetricsOptions): Metrics {
  const sources = new Set<SampleSource>();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const made = new Map(
    Object.entries<MetricDefinition>(metricTable).map(([name, definition]) => [
      name,
      make(name, definition, registry),
    ]),
  );
  const record = (sample: Sample): void => add(made, sample);
  record({
    name: 'tugboot_build_info',
    labels: { version, node_version: process.versions.node },
    value: 1,
  });
  const answerOf = async (source: SampleSource): Promise<readonly Sample[]> => {
    const over = new AbortController();
    const late = sleep(longestRead, over.signal).then(
      () => [],
      () => [],
    );
    try {
      return await Promise.race([source(), late]);
    } catch {
      return [];
    } finally {
      over.abort();
    }
  };
  return {
    meter: meterOf(record, clock),
    contentType: registry.contentType,
    read: (source) => void sources.add(source),
    of: (cluster) => {
      const own: SampleSource[] = [];
      return {
        meter: meterOf((sample) => record(labelled(cluster, sample)), clock),
        read: (source) => {
          const labelledSource: SampleSource = async () =>
            (await source()).map((sample) => labelled(cluster, sample));
          own.push(labelledSource);
          sources.add(labelledSource);
        },
        leave: () => own.forEach((source) => sources.delete(source)),
      };
    },
    async expose() {
      const samples = (await Promise.all([...sources].map(answerOf))).flat();
      for (const [name, metric] of made) if (isRead(name) && metric instanceof Gauge) metric.reset();
      for (const sample of samples) record(sample);
      return registry.metrics();
    },
  };
}

type Metric = Counter | Gauge | Histogram;

function make(name: string, { type, help, labels, buckets }: MetricDefinition, registry: Registry): Metric {
  const labelNames = hasCluster(name) ? [...labels, 'cluster'] : [...labels];
  const options = { name, help, labelNames, registers: [registry] };
  if (type === 'counter') return new Counter(options);
  if (type === 'gauge') return new Gauge(options);
  return new Histogram({ ...options, ...(buckets ? { buckets: [...buckets] } : {}) });
}

function add(made: ReadonlyMap<string, Metric>, { name, labels, value }: Sample): void {
  const metric = made.get(name);
  if (metric instanceof Counter) metric.inc(labels, value);
  else if (metric instanceof Gauge) metric.set(labels, value);
  else metric?.observe(labels, value);
}

/** Gauges that are not read at a scrape, but set when something happens. */
const kept: ReadonlySet<MetricName> = new Set<MetricName>([
  'tugboot_build_info',
  'tugboot_slack_last_payload_timestamp_seconds',
]);

const labelled = (cluster: string, sample: Sample): Sample =>
  hasCluster(sample.name) ? ({ ...sample, labels: { ...sample.labels, cluster } } as Sample) : sample;

const isRead = (name: string): boolean => !(kept as ReadonlySet<string>).has(name);

const meterOf = (record: (sample: Sample) => void, clock: Clock): Meter => ({
  saved: (before, after) => {
    for (const sample of transitionSamples(before, after)) record(sample);
  },
  jobEnded: (job, took, ok) => {
    record({ name: 'tugboot_jobs_total', labels: { job, result: ok ? 'ok' : 'failed' }, value: 1 });
    record({ name: 'tugboot_job_duration_seconds', labels: { job }, value: took / second });
  },
  evicted: (answer) => record({ name: 'tugboot_evictions_total', labels: { answer }, value: 1 }),
  slackCalled: (method, result) =>
    record({ name: 'tugboot_slack_calls_total', labels: { method, result }, value: 1 }),
  slackPayload: () =>
    record({
      name: 'tugboot_slack_last_payload_timestamp_seconds',
      labels: {},
      value: clock.now() / second,
    }),
  watchFailed: (watch) => record({ name: 'tugboot_watch_failures_total', labels: { watch }, value: 1 }),
});
