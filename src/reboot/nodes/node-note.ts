import { z } from 'zod';
import { flag, type Stored, time } from '../schema/field.ts';
import type { Instant, Millis } from '../time/time.ts';
import { reportLimits } from './report-limits.ts';

/**
 * The kinds of notes on a node, stored separately: `unknownSignals` (signals that cannot be read) and
 * `rebooters` (other programs that reboot the host).
 */
export type NoteTopic = 'unknownSignals' | 'rebooters';

/** Stored as JSON in an annotation of the NodeAgent. */
export const nodeNote = z.object({
  about: z
    .array(z.string().max(reportLimits.signalName))
    .max(2 * reportLimits.signals)
    .meta({
      description:
        'Names of the unreadable signals, empty when the agent itself is silent; or of the other rebooters.',
    }),
  since: time('Since when it is so.'),
  notice: z
    .object({
      key: z.string().max(64).meta({ description: 'The key by which its message is found again.' }),
      begun: time('When it was first claimed by a process that would post it.'),
      at: time('When it was last claimed.'),
    })
    .meta({ description: 'The message about it.' })
    .exactOptional(),
  told: flag('Whether the message was posted.').exactOptional(),
});
/**
 * A condition of a node that people have to be notified of. Stored in the cluster, so that a restart or
 * another replica continues from it.
 */
export type NodeNote = Stored<typeof nodeNote>;

/** Where the message of a notice is, or will be. */
export interface NoticePlace {
  /** The key by which the message is found again. */
  readonly key: string;
  readonly cluster: string;
  readonly channel: string;
}

interface NoticeOfNodes extends NoticePlace {
  readonly pool: string;
  readonly nodes: readonly [string, ...string[]];
  /** The reason of the first node. */
  readonly reason: string;
  /** The deadline for posting: after it, another process may have taken the notice over. */
  readonly before: Instant;
}

/** Nodes of a pool whose need for a reboot is unknown. */
export interface UnknownSignalNotice extends NoticeOfNodes {
  readonly topic: 'unknownSignals';
  /** Names of the unreadable signals; empty when the agents themselves are silent. */
  readonly signals: readonly string[];
  readonly lasted: Millis;
}

/** Nodes of a pool that another component may reboot too. */
export interface RebooterNotice extends NoticeOfNodes {
  readonly topic: 'rebooters';
  readonly rebooters: readonly string[];
}

export type Notice = UnknownSignalNotice | RebooterNotice;
