import type { AgentView } from '../reboot/ports/cluster.ts';
import type { Reboot } from '../reboot/state/reboot.ts';
import { second } from '../reboot/ports/time.ts';
import { textAt } from './api/json-value.ts';
import { paths } from './api/paths.ts';
import { createReflector, type Reflector, type ReflectorDeps } from './api/reflector.ts';
import { ownSelector } from './impact/own-pods.ts';
import { ownerOf, type AgentOwner } from './nodes/agent-objects.ts';
import { agentSetSelector, type WatchedAgentSet, watchedAgentSet } from './nodes/agent-sets.ts';
import { agentView } from './nodes/agent-view.ts';
import { watchedNode, type WantedMarks, type WatchedNode } from './nodes/read-node.ts';
import { pausesName, pausesOf, type WatchedPauses } from './records/pauses-store.ts';
import { readReboot, type ReadReboot } from './records/reboot-object.ts';
import { logUnreadable } from './records/reboot-store.ts';

/** Something that is decided on has changed: its name, and nothing of its content. */
export type KubeChange =
  | { readonly kind: 'node'; readonly node: string }
  | { readonly kind: 'agent'; readonly node: string }
  | { readonly kind: 'reboot'; readonly name: string }
  /** Made, or made readable or unreadable, and not by this process. */
  | { readonly kind: 'reboot-appeared'; readonly name: string }
  /** As the server showed it last; absent where it could not be read. */
  | { readonly kind: 'reboot-deleted'; readonly reboot?: Reboot }
  | { readonly kind: 'pauses' }
  /** What held these Reboots back does so no more, as far as the watches tell: a reason to ask. */
  | { readonly kind: 'cleared'; readonly reboots: readonly string[] };

export interface WatchedAgent {
  readonly view: AgentView;
  readonly owner: AgentOwner;
}

export interface Watches {
  readonly nodes: Reflector<WatchedNode>;
  readonly agents: Reflector<WatchedAgent>;
  readonly reboots: Reflector<ReadReboot>;
  readonly pauses: Reflector<WatchedPauses>;
  readonly ownPods: Reflector<WatchedOwnPod>;
  /** Empty while they may not be read: an installation goes on without. */
  readonly agentSets: Reflector<WatchedAgentSet>;
}

/** A pod of the bot or of its Redis. */
export interface WatchedOwnPod {
  /** Where it runs; absent until it is scheduled. */
  readonly node?: string;
}

const nameOf = (object: unknown): string => textAt(object, 'metadata', 'name') ?? '';

function ownPod(pod: unknown): WatchedOwnPod {
  const node = textAt(pod, 'spec', 'nodeName');
  return node === undefined ? {} : { node };
}

/**
 * The API server's bookmarks come once a minute, and shortly before the end of a watch. A start wants to know
 * that the nodes have been heard from within seconds, so their watch ends often: one request in twenty
 * seconds, and a proof that all is quiet.
 */
const nodeWatch = { watchFor: 20 * second, stalledAfter: 35 * second };

export interface WatchesDeps extends ReflectorDeps {
  /** Of the installation. */
  readonly namespace: string;
  readonly wanted: WantedMarks;
  /** Names of the Reboots that this process has made itself. */
  readonly made: ReadonlySet<string>;
}

function watchReboots(deps: WatchesDeps, onChange: (change: KubeChange) => void): Reflector<ReadReboot> {
  const reflector: Reflector<ReadReboot> = createReflector(
    {
      what: 'reboots',
      path: paths.reboots,
      reduce: readReboot,
      keyOf: nameOf,
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

export function createWatches(
  deps: WatchesDeps,
  onChange: (change: KubeChange) => void,
  onAgentSets: () => void,
): Watches {
  return {
    nodes: createReflector(
      {
        what: 'nodes',
        path: paths.nodes,
        reduce: (node) => watchedNode(node, deps.wanted),
        keyOf: nameOf,
        onChange: (node) => onChange({ kind: 'node', node }),
        ...nodeWatch,
      },
      deps,
    ),
    agents: createReflector(
      {
        what: 'nodeagents',
        path: paths.agents,
        reduce: (object): WatchedAgent => ({ view: agentView(object), owner: ownerOf(object) }),
        keyOf: nameOf,
        onChange: (node) => onChange({ kind: 'agent', node }),
      },
      deps,
    ),
    reboots: watchReboots(deps, onChange),
    pauses: createReflector(
      {
        what: 'pauses',
        path: paths.configMaps(deps.namespace),
        // The only one that our rights let us watch.
        query: { fieldSelector: `metadata.name=${pausesName}` },
        reduce: (object): WatchedPauses => ({ pauses: pausesOf(object) }),
        keyOf: nameOf,
        onChange: () => onChange({ kind: 'pauses' }),
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
      keyOf: nameOf,
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
      keyOf: nameOf,
      // Asked when a plan is made: it moves nobody by itself.
      onChange: () => undefined,
    },
    deps,
  );
