import { daemonOwners, type DaemonOwners } from './daemon-owners.ts';
import { ownHomes, type OwnHomes, type OwnHomesDeps } from '../impact/own-homes.ts';

/**
 * What has to be asked for before pods can be judged: each of it once, when the first pod that it is about is
 * seen.
 */
export interface PodFacts extends DaemonOwners, OwnHomes {}

export function podFacts(deps: OwnHomesDeps): PodFacts {
  const [owners, homes] = [daemonOwners(deps.client), ownHomes(deps)];
  return {
    ...owners,
    ...homes,
    async learn(pods) {
      const all = [...pods];
      const news = await Promise.all([owners.learn(all), homes.learn(all)]);
      return news.includes(true);
    },
  };
}
