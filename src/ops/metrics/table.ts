/**
 * Every metric of the bot, in one table: docs/metrics.md is made from it, and the alerts and the dashboard of
 * the chart may name no other.
 */

export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** For people: what it counts, and what to know to read it. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[];
}

/** In seconds: from a moment to a night. */
const phaseBuckets = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 10_800, 43_200, 86_400];
const rebootBuckets = [60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600, 86_400, 604_800];
const jobBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export const metricTable = {
  tugboot_build_info: {
    type: 'gauge',
    help: 'Always 1. The version of this bot, and of Node.js.',
    labels: ['version', 'node_version'],
  },
  tugboot_reboots: {
    type: 'gauge',
    help: 'Reboots that are stored in the cluster, by pool and phase. A pool with one in Failed is halted.',
    labels: ['pool', 'phase'],
  },
  tugboot_oldest_in_phase_timestamp_seconds: {
    type: 'gauge',
    help: 'Since when the Reboot that has been longest in this phase has been in it. Open Reboots only.',
    labels: ['pool', 'phase'],
  },
  tugboot_nodes: {
    type: 'gauge',
    help: 'Nodes of the pool on which an agent can run.',
    labels: ['pool'],
  },
  tugboot_nodes_requiring_reboot: {
    type: 'gauge',
    help: 'Nodes of the pool that ask for a reboot: their condition RebootRequired is True.',
    labels: ['pool'],
  },
  tugboot_nodes_without_report: {
    type: 'gauge',
    help: 'Nodes of the pool whose agent has sent no report since their last boot.',
    labels: ['pool'],
  },
  tugboot_nodes_cordoned: {
    type: 'gauge',
    help: 'Nodes of the pool that Tugboot has cordoned.',
    labels: ['pool'],
  },
  kured_reboot_required: {
    type: 'gauge',
    help: 'As kured exports it: 1 for a node that asks for a reboot, else 0. Only with metrics.kured.',
    labels: ['node'],
  },
  tugboot_blocked_reboots: {
    type: 'gauge',
    help: 'Approved Reboots that do not start, by the code of each of their blockers.',
    labels: ['pool', 'code'],
  },
  tugboot_turns: {
    type: 'gauge',
    help: 'Turns in the ledger. Absent while the API server does not answer.',
    labels: ['pool'],
  },
  tugboot_turns_limit: {
    type: 'gauge',
    help: 'The most turns of the pool at once: its concurrency.',
    labels: ['pool'],
  },
  tugboot_cluster_turns_limit: {
    type: 'gauge',
    help: 'The most turns of all pools together.',
    labels: [],
  },
  tugboot_reboots_ended_total: {
    type: 'counter',
    help: 'Reboots that have ended or failed. The result is the phase, or the code of the failure.',
    labels: ['pool', 'result'],
  },
  tugboot_phase_duration_seconds: {
    type: 'histogram',
    help: 'How long a Reboot was in a phase, when it left it.',
    labels: ['pool', 'phase'],
    buckets: phaseBuckets,
  },
  tugboot_reboot_duration_seconds: {
    type: 'histogram',
    help: 'From the first sign that the node asks to the proof of its reboot.',
    labels: ['pool'],
    buckets: rebootBuckets,
  },
  tugboot_decisions_total: {
    type: 'counter',
    help: 'Decisions, by what was decided and by what kind of principal: user, kubernetes, window or rule.',
    labels: ['pool', 'decision', 'by'],
  },
  tugboot_drains_total: {
    type: 'counter',
    help: 'Drains that have ended: drained, undone, failed or cancelled.',
    labels: ['pool', 'outcome'],
  },
  tugboot_evictions_total: {
    type: 'counter',
    help: 'Answers to requests to evict or delete a pod. `blocked`: a PodDisruptionBudget has no room.',
    labels: ['answer'],
  },
  tugboot_jobs_total: {
    type: 'counter',
    help: 'Jobs of the queue that have ended, by name and result: ok or failed.',
    labels: ['job', 'result'],
  },
  tugboot_job_duration_seconds: {
    type: 'histogram',
    help: 'How long a job of the queue took. The job of the resync compares everything once.',
    labels: ['job'],
    buckets: jobBuckets,
  },
  tugboot_queue_jobs: {
    type: 'gauge',
    help: 'Jobs in a queue: waiting, active, delayed or failed. Absent while the queue cannot be reached.',
    labels: ['queue', 'state'],
  },
  tugboot_queue_oldest_waiting_timestamp_seconds: {
    type: 'gauge',
    help: 'When the oldest job that waits was added. Absent where none waits.',
    labels: ['queue'],
  },
  tugboot_part_up: {
    type: 'gauge',
    help: '1 if the part is as it should be, else 0: cluster (of several, `cluster NAME` for each), queue, slack, configuration (0: refused). /readyz says why.',
    labels: ['part'],
  },
  tugboot_slack_calls_total: {
    type: 'counter',
    help: 'Calls of Slack’s Web API, by method and result: ok, rate-limited, refused or unreachable.',
    labels: ['method', 'result'],
  },
  tugboot_slack_last_payload_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last payload came from Slack. 0 until one has come.',
    labels: [],
  },
  tugboot_watch_failures_total: {
    type: 'counter',
    help: 'Interruptions of a watch of the API server. A few are normal.',
    labels: ['watch'],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metricTable;

/** Of what all clusters share. Every other metric has the label `cluster`, besides those of the table. */
const shared: ReadonlySet<string> = new Set<MetricName>([
  'tugboot_build_info',
  'tugboot_part_up',
  'tugboot_slack_calls_total',
  'tugboot_slack_last_payload_timestamp_seconds',
]);

export const hasCluster = (name: string): boolean => !shared.has(name);

/** One value of one metric. For a counter it is added, for a histogram observed, for a gauge set. */
export type Sample = {
  [N in MetricName]: {
    readonly name: N;
    readonly labels: Readonly<Record<(typeof metricTable)[N]['labels'][number], string>>;
    readonly value: number;
  };
}[MetricName];
