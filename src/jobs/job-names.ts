import type { LoopStep } from '../reboot/machine/step.ts';

export const queueNames = ['watch', 'plan', 'reboots', 'drains', 'chat'] as const;
export type QueueName = (typeof queueNames)[number];

/** What a job does. */
export type JobKind =
  | 'reconcile-node'
  | 'resync'
  | 'plan'
  | 'start'
  | 'reconcile'
  | 'drain'
  | 'render'
  | 'digest'
  | 'spread';

/**
 * The name of a job. A job that reconciles a Reboot has the name of the step that it is expected to carry
 * out; any of them carries out the step that the Reboot is at.
 */
export type JobName = JobKind | LoopStep;

const kinds: Record<JobName, JobKind> = {
  'reconcile-node': 'reconcile-node',
  resync: 'resync',
  plan: 'plan',
  start: 'start',
  drain: 'drain',
  render: 'render',
  digest: 'digest',
  spread: 'spread',
  reconcile: 'reconcile',
  decide: 'reconcile',
  wait: 'reconcile',
  cordon: 'reconcile',
  'check-drain': 'reconcile',
  reboot: 'reconcile',
  verify: 'reconcile',
  uncordon: 'reconcile',
};

/** Names of version 0.1: jobs that an older bot has left in the queue, or adds beside this one. */
const earlierNames: ReadonlyMap<string, JobName> = new Map([
  ['look', 'reconcile-node'],
  ['scan', 'resync'],
  ['advance', 'reconcile'],
  ['wake', 'reconcile'],
]);

const isJobName = (name: string): name is JobName => Object.hasOwn(kinds, name);

/** Undefined for an unknown name. */
export const jobNamed = (name: string): JobName | undefined =>
  isJobName(name) ? name : earlierNames.get(name);

/** Steps at which a Reboot waits for people, for a time or for its turn, or has ended. */
const stepsAtRest: ReadonlySet<string> = new Set<LoopStep>(['decide', 'wait']);

/**
 * Hundreds may wait, and a change of the plan adds a job for each of them. Their jobs run after those of
 * Reboots that are under way.
 */
export const isAtRest = (name: JobName): boolean => stepsAtRest.has(name);

export const kindOf = (name: JobName): JobKind => kinds[name];

export const queueOf: Record<JobKind, QueueName> = {
  'reconcile-node': 'watch',
  resync: 'watch',
  plan: 'plan',
  start: 'plan',
  reconcile: 'reboots',
  drain: 'drains',
  render: 'chat',
  digest: 'chat',
  spread: 'reboots',
};

/**
 * Of the keys of a cluster's queues. Two installations on one Redis, and the clusters of one, must not share
 * jobs; the braces keep all keys of a prefix in one slot of a Redis Cluster.
 */
export const queuePrefix = (namespace: string, cluster: string): string =>
  `{tugboot.${namespace}.${cluster}}`;

/** The id of its payload is the name of a Reboot. */
export const isOfReboot = (name: JobName): boolean =>
  ['start', 'reconcile', 'drain', 'render'].includes(kindOf(name));
