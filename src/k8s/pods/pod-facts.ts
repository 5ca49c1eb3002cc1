import { daemonOwners, type DaemonOwners, type SeenDaemonSets } from './daemon-owners.ts';
import { pinnedPods, type PinnedPods, type PinnedPodsDeps } from './pinned-pods.ts';

/**
 * Facts that need a request before pods can be judged. Each is read once, when the first pod that needs it is
 * seen.
 */
export interface PodFacts extends DaemonOwners, PinnedPods {}

export interface PodFactsDeps extends PinnedPodsDeps {
  readonly daemonSets: SeenDaemonSets;
}

export function podFacts(deps: PodFactsDeps): PodFacts {
  const [owners, pinned] = [daemonOwners(deps.client, deps.daemonSets), pinnedPods(deps)];
  return {
    ...owners,
    ...pinned,
    async learn(pods) {
      const all = [...pods];
      const changed = await Promise.all([owners.learn(all), pinned.learn(all)]);
      return changed.includes(true);
    },
  };
}
