import type { V1Pod } from '@kubernetes/client-node';
import type { AgentView } from '../reboot/nodes/observation.ts';
import type { Reboot } from '../reboot/state/reboot.ts';
import { second } from '../reboot/time/time.ts';
import { textAt } from './api/json-value.ts';
import { objectNameOf } from './api/object-names.ts';
import { paths } from './api/paths.ts';
import { createReflector, type Reflector, type ReflectorDeps } from './watch/reflector.ts';
import type { Received } from './api/received.ts';
import { ownSelector } from './pods/own-pods.ts';
import { ownerOf, type AgentOwner } from './nodes/agent-order.ts';
import { agentSetSelector, type WatchedAgentSet, watchedAgentSet } from './nodes/agent-sets.ts';
import { agentView } from './nodes/agent-view.ts';
import { isMirrorOnly, watchedNode, type WantedFields, type WatchedNode } from './nodes/read-node.ts';
import { type DigestsReader, digestsName, type WatchedDigests } from './records/digests-store.ts';
import { pausesName, pausesOf, type WatchedPauses } from './records/pauses-store.ts';
import { readReboot, type ReadReboot } from './records/reboot-object.ts';
import { logUnreadable } from './records/reboot-store.ts';

/** A view changed: its kind and name, without its content. */
export type KubeChange =
  | { readonly kind: 'node'; readonly node: string }
  | { readonly kind: 'agent'; readonly node: string }
  | { readonly kind: 'reboot'; readonly name: string }
  /** Created, or readable or unreadable now, and not created by this process. */
  | { readonly kind: 'reboot-appeared'; readonly name: string }
  /** With its last state, as sent by the server; absent if that could not be read. */
  | { readonly kind: 'reboot-deleted'; readonly reboot?: Reboot }
  | { readonly kind: 'pauses' }
  | { readonly kind: 'digests' }
  /** The watches show that nothing blocks these Reboots any more: query their gates again. */
  | { readonly kind: 'cleared'; readonly reboots: readonly string[] };

export interface WatchedAgent {
  readonly view: AgentView;
  readonly owner: AgentOwner;
  /** For the precondition of a write. */
  readonly uid: string | undefined;
}

export interface Watches {
  readonly nodes: Reflector<WatchedNode>;
  readonly agents: Reflector<WatchedAgent>;
  readonly reboots: Reflector<ReadReboot>;
  readonly pauses: Reflector<WatchedPauses>;
  readonly digests: Reflector<WatchedDigests>;
  readonly ownPods: Reflector<WatchedOwnPod>;
  /** Empty without the right to read DaemonSets: the bot runs without it. */
  readonly agentSets: Reflector<WatchedAgentSet>;
}

/** A pod of the bot or of its Redis. */
export interface WatchedOwnPod {
  /** The node that it runs on; absent until it is scheduled. */
  readonly node?: string;
}

const ownName = (object: unknown): string => textAt(object, 'metadata', 'name') ?? '';

const watchedAgent = (object: unknown): WatchedAgent => ({
  view: agentView(object),
  owner: ownerOf(object),
  uid: textAt(object, 'metadata', 'uid'),
});

function ownPod({ spec }: Received<V1Pod>): WatchedOwnPod {
  const node = spec?.nodeName;
  return node === undefined ? {} : { node };
}

/**
 * The API server sends a bookmark once a minute, and shortly before the end of a watch. A start requires an
 * event from the nodes' watch within seconds, so this watch is short: one request every twenty seconds, and
 * proof that the cache is current.
 */
const nodeWatch = { watchFor: 20 * second, stalledAfter: 35 * second };

export interface WatchesDeps extends ReflectorDeps {
  /** The namespace of the installation. */
  readonly namespace: string;
  readonly wanted: WantedFields;
  /** Names of the Reboots that this process has created. */
  readonly made: ReadonlySet<string>;
  readonly readDigests: DigestsReader['read'];
}

function watchReboots(deps: WatchesDeps, onChange: (change: KubeChange) => void): Reflector<ReadReboot> {
  const reflector: Reflector<ReadReboot> = createReflector(
    {
      what: 'reboots',
      path: paths.reboots,
      reduce: readReboot,
      keyOf: ownName,
      onChange(name, before) {
        const now = reflector.get(name);
        onChange({ kind: 'reboot', name });
        if (now === undefined)
          onChange({ kind: 'reboot-deleted', ...(before?.ok ? { reboot: before.reboot } : {}) });
        else if (!now.ok) {
          logUnreadable(deps.logger, now);
          onChange({ kind: 'reboot-appeared', name });
        } else if (before?.ok !== true && !deps.made.has(name)) onChange({ kind: 'reboot-appeared', name });
      },
    },
    deps,
  );
  return reflector;
}

function watchNodes(deps: WatchesDeps, onChange: (change: KubeChange) => void): Reflector<WatchedNode> {
  const reflector: Reflector<WatchedNode> = createReflector(
    {
      what: 'nodes',
      path: paths.nodes,
      reduce: (node) => watchedNode(node, deps.wanted),
      keyOf: objectNameOf,
      onChange(node, before, source) {
        // Ignored: the reconcile that mirrored the report continues by itself, and one more for each of
        // thousands of nodes would find nothing to do.
        if (source === 'own' && isMirrorOnly(before, reflector.get(node))) return;
        onChange({ kind: 'node', node });
      },
      ...nodeWatch,
    },
    deps,
  );
  return reflector;
}

export function createWatches(
  deps: WatchesDeps,
  onChange: (change: KubeChange) => void,
  onAgentSets: () => void,
): Watches {
  return {
    nodes: watchNodes(deps, onChange),
    agents: createReflector(
      {
        what: 'nodeagents',
        path: paths.agents,
        reduce: watchedAgent,
        keyOf: ownName,
        onChange: (node) => onChange({ kind: 'agent', node }),
      },
      deps,
    ),
    reboots: watchReboots(deps, onChange),
    pauses: createReflector(
      {
        what: 'pauses',
        path: paths.configMaps(deps.namespace),
        // The only ConfigMap that the bot's rights allow it to watch.
        query: { fieldSelector: `metadata.name=${pausesName}` },
        reduce: (object): WatchedPauses => ({ pauses: pausesOf(object) }),
        keyOf: objectNameOf,
        onChange: () => onChange({ kind: 'pauses' }),
      },
      deps,
    ),
    digests: createReflector(
      {
        what: 'pool digests',
        path: paths.configMaps(deps.namespace),
        query: { fieldSelector: `metadata.name=${digestsName}` },
        reduce: deps.readDigests,
        keyOf: objectNameOf,
        onChange: () => onChange({ kind: 'digests' }),
      },
      deps,
    ),
    ownPods: watchOwnPods(deps),
    agentSets: watchAgentSets(deps, onAgentSets),
  };
}

const watchAgentSets = (deps: WatchesDeps, onChange: () => void): Reflector<WatchedAgentSet> =>
  createReflector(
    {
      what: 'daemonsets of the agents',
      path: paths.daemonSetsIn(deps.namespace),
      query: { labelSelector: agentSetSelector },
      reduce: watchedAgentSet,
      keyOf: objectNameOf,
      onChange,
    },
    deps,
  );

const watchOwnPods = (deps: WatchesDeps): Reflector<WatchedOwnPod> =>
  createReflector(
    {
      what: 'own pods',
      path: paths.podsIn(deps.namespace),
      query: { labelSelector: ownSelector },
      reduce: ownPod,
      keyOf: objectNameOf,
      // Read when a plan is made; a change alone triggers nothing.
      onChange: () => undefined,
    },
    deps,
  );
