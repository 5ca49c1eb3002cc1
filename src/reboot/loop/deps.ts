import type { Digest } from '../state/packages.ts';
import type { Policy } from '../policy/policy.ts';
import type { RefusedConfig } from '../ports/refused-config.ts';
import type { Instant } from '../ports/time.ts';
import type { Chat } from '../ports/chat.ts';
import type { Clock } from '../ports/time.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { Gatekeeper, Hooks } from '../ports/outside.ts';
import type { Ledger, Pauses, RebootStore } from '../ports/stores.ts';
import type { Logger } from '../ports/logger.ts';
import type { Queue } from '../ports/queue.ts';
import type { Silences } from '../ports/silences.ts';

import type { Reboot } from '../state/reboot.ts';

/** What the service is made of: the ports of one cluster, and what is the same for all. */
export interface ServiceDeps {
  readonly cluster: Cluster;
  readonly store: RebootStore;
  readonly ledger: Ledger;
  readonly pauses: Pauses;
  readonly gatekeeper: Gatekeeper;
  /** Answers within seconds, for people who ask why. Who is asked just before a start alone is not asked. */
  readonly preview: Gatekeeper;
  readonly hooks: Hooks;
  readonly silences: Silences;
  readonly chat: Chat;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A function, since the configuration may be read again. */
  readonly policy: () => Policy;
  /** Undefined while the configuration as it is now is the one in force. */
  readonly refusedConfig: () => RefusedConfig | undefined;
  readonly digest: Digest;
  /** Since when chat cannot be reached; undefined while it can. */
  readonly chatAwaySince: () => Instant | undefined;
  /** Reboots that somebody deleted, and that cannot be written anew yet: their definition is gone as well. */
  readonly unwritten: Map<string, Reboot>;
  /**
   * Names of Reboots whose deletion is being handled: until that is over their nodes are not looked at for
   * new ones.
   */
  readonly deletions: Set<string>;
  /**
   * Keys of what was told of records and configurations that cannot be read, so that nobody asks the channel
   * at each scan.
   */
  readonly told: Set<string>;
  /** When each Reboot that settles was last read afresh, with the DaemonSet pods of its node. */
  readonly proofsRead: Map<string, Instant>;
  /** Until when the silence of each Reboot needs no look. */
  readonly silencedUntil: Map<string, Instant>;
  /** Tugboot's own pods, `namespace/name`, and the nodes they are on: drained last, rebooted last. */
  readonly own: () => { readonly pods: readonly string[]; readonly nodes: readonly string[] };
}
