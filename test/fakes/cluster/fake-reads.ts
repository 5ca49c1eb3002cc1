import type {
  FreshReads,
  NodeWorkloads,
  WatchedNodes,
} from '../../../src/reboot/ports/cluster/node-reads.ts';
import type { Impact } from '../../../src/reboot/state/impact.ts';
import { at } from '../builders.ts';
import type { FakeWorld } from './fake-world.ts';

const impact: Impact = {
  at: at(0),
  podsToMove: 14,
  podsStaying: 2,
  blockedBy: [],
  lost: [],
  emptyDir: [],
  refusals: [],
};

/** Selectors as tests write them: terms of equality and existence. */
const isSelected = (selector: string, labels: Readonly<Record<string, string>>): boolean =>
  selector
    .split(',')
    .filter((term) => term !== '')
    .every((term) => {
      const [, not, key = '', operator, value] = /^(!?)([\w./-]+)(?:(!?=)([\w.-]*))?$/.exec(term) ?? [];
      if (key === '') throw new Error(`The fake does not know the selector ${term}.`);
      if (operator === undefined) return key in labels === (not !== '!');
      return (labels[key] === value) === (operator === '=');
    });

export function fakeReads(
  { nodes, agents, settings, call }: FakeWorld,
  fake: () => WatchedNodes,
  now: () => number,
): FreshReads & NodeWorkloads {
  return {
    observe: async (name, want) => {
      call(`observe ${name}`);
      const node = want?.node ?? nodes.get(name);
      const agent = agents.get(name);
      return {
        ...(node ? { node: { ...node } } : {}),
        ...(agent ? { agent: { ...agent } } : {}),
        daemonPodsNotReady: want?.daemonPods === true ? settings.daemonPodsNotReady : [],
      };
    },
    daemonPods: async (name) => {
      call(`daemonPods ${name}`);
      return settings.daemonPodsNotReady;
    },
    freshNodes: async (pool) => {
      call('freshNodes');
      return fake()
        .nodes()
        .filter(({ labels }) => isSelected(pool.selector, labels));
    },
    freshAgents: async () => {
      call('freshAgents');
      return Array.from(agents.values(), (agent) => ({ ...agent }));
    },
    assess: async () => {
      call('assess');
      return { ...impact, at: new Date(now()).toISOString() };
    },
    workloadsOn: async (name) => {
      call(`workloads ${name}`);
      return settings.workloads;
    },
  };
}
