import { z } from 'zod';
import type { Timestamp } from '../time/time.ts';
import { type WorkloadReadiness, workloadKinds } from '../nodes/workloads.ts';
import { chatRecord } from './chat-record.ts';
import { cleanUp } from './clean-up.ts';
import { history } from './decision.ts';
import { choice, count, flag, list, names, type Stored, text, time } from '../schema/field.ts';
import { impact } from './impact.ts';
import { need } from './need.ts';
import type { Phase, RebootState } from './states.ts';

export type * from './states.ts';

/** Facts of the node that are shown to people, as last observed. */
export const nodeFacts = z
  .object({
    osImage: text('The operating system, as the kubelet reports it.', 256),
    controlPlane: flag('Whether it is a node of the control plane.'),
    zone: text('The zone of the node.', 256).exactOptional(),
    bootedAt: time('When the boot to end began, where the agent reports it.').exactOptional(),
  })
  .meta({ description: 'Facts of the node that are shown to people, as last observed.' });
export type NodeFacts = Stored<typeof nodeFacts>;

const workload: z.ZodType<WorkloadReadiness> = z.object({
  kind: choice(workloadKinds, 'Kind of the workload.'),
  namespace: text('Its namespace.', 253),
  name: text('Its name.', 253),
  ready: count('How many of its pods were ready.'),
});

/** What every phase stores beside its state. */
export const commonRecord = z.object({
  need,
  facts: nodeFacts,
  // The last dry-run of the drain. Absent until there is one.
  impact: impact.exactOptional(),
  // Removed when a person lets the rollout continue although they are less ready.
  workloads: list(
    workload,
    'Readiness of the workloads of the node at the start, only where the pool has a staged rollout.',
    100,
  ).exactOptional(),
  // The proof does not require them. Absent: not recorded, as in records of earlier versions.
  daemonsBefore: names(
    'DaemonSets that had a pod on the node which was not ready before the first eviction.',
    100,
  ).exactOptional(),
  cleanup: cleanUp.exactOptional(),
  // Written by the chat worker only.
  chat: chatRecord,
  history,
});

/**
 * One requested end of one boot of one node, from detection to proof. Stored as a `Reboot` custom resource.
 */
export interface Reboot extends Stored<typeof commonRecord> {
  /** Derived from node name, node UID and boot ID, so two requests for the same boot give one Reboot. */
  readonly name: string;
  /** UID of the stored object. Absent until it is stored. */
  readonly uid?: string;
  readonly node: { readonly name: string; readonly uid: string };
  /** The boot to end. */
  readonly bootId: string;
  readonly pool: string;
  readonly createdAt: Timestamp;
  readonly state: RebootState;
  /** Version of the stored object. A save is a compare-and-swap on it. */
  readonly version: string;
}

export type In<P extends Phase> = Reboot & { readonly state: Extract<RebootState, { phase: P }> };

export const isIn = <R extends Pick<Reboot, 'state'>, P extends Phase>(
  reboot: R,
  ...phases: readonly P[]
): reboot is R & Pick<In<P>, 'state'> => (phases as readonly Phase[]).includes(reboot.state.phase);
