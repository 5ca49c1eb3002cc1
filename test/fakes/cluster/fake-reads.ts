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

type Labels = Readonly<Record<string, string>>;

/** Selectors as tests write them: equality, existence and sets, separated by commas. */
const isSelected = (selector: string, labels: Labels): boolean =>
  selector
    .split(/,(?![^(]*\))/)
    .filter((term) => term !== '')
    .every((term) => matchesTerm(term, labels));

function matchesTerm(term: string, labels: Labels): boolean {
  const [, not, key = '', rest = ''] = /^(!?)([\w./-]+) ?(.*)$/.exec(term) ?? [];
  const value = labels[key];
  if (rest === '') return (value !== undefined) === (not !== '!');
  const [, operator, one, several] = /^(=|!=|in|notin) ?(?:([\w.-]*)|\((.*)\))$/.exec(rest) ?? [];
  if (operator === undefined) throw new Error(`The fake does not know the selector ${term}.`);
  const wanted = several?.split(',').map((each) => each.trim()) ?? [one];
  return wanted.includes(value) === (operator === '=' || operator === 'in');
}

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
