import { demoConfig, demoNodes } from './demo-config.ts';
import type { OtherCluster } from './environment/demo-environment.ts';
import type { RebootChannel } from './slack/workspace/seeds.ts';

/** What `--clusters` adds to the demo: clusters of four nodes each, of the same names, and their channels. */
export interface DemoClusters {
  readonly config: Readonly<Record<string, unknown>> & { readonly cluster: string };
  readonly settings: Readonly<Record<string, unknown>>;
  readonly others: readonly OtherCluster[];
  readonly rebootChannels: readonly RebootChannel[];
}

const usChannel: RebootChannel = {
  id: 'C0REBOOTSUS',
  name: 'reboots-us',
  topic: 'Node reboots of prod-us',
};
const stagingChannel: RebootChannel = {
  id: 'C0REBOOTSST',
  name: 'reboots-staging',
  topic: 'Node reboots of staging',
};

/** Those beside prod-eu, the first. */
const beside = [
  { name: 'prod-us', colour: 'blue', channel: usChannel },
  { name: 'staging', colour: 'brown', channel: stagingChannel },
] as const;

/** Two or three clusters behind one bot. */
export function demoClusters(count: 2 | 3): DemoClusters {
  const others = beside.slice(0, count - 1);
  return {
    config: { ...demoConfig, cluster: 'prod-eu' },
    settings: { colour: 'green' },
    others: others.map(({ name, colour, channel }) => ({
      name,
      nodes: demoNodes,
      settings: { colour, channel: channel.id },
    })),
    rebootChannels: others.map(({ channel }) => channel),
  };
}
