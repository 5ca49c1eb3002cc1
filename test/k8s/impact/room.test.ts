import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fits } from '../../../src/k8s/placement/placement.ts';
import { plus } from '../../../src/k8s/placement/resource-requests.ts';
import {
  sortedForPlacing,
  type InspectedNode,
  type Mover,
  noUsage,
  place,
  type Space,
  type Usage,
  unplacedReason,
} from '../../../src/k8s/impact/room-fit.ts';
import { searchRoom } from '../../../src/k8s/impact/room-search.ts';
import { outcomeCounts } from '../../property-runs.ts';

const amounts = (wanted: Readonly<Record<string, number>>) => new Map(Object.entries(wanted));

function aSpace(
  name: string,
  allocatable: Readonly<Record<string, number>>,
  more: Partial<Space> = {},
): Space {
  return { name, labels: {}, taints: [], allocatable: amounts({ pods: 110, ...allocatable }), ...more };
}

const aMover = (
  title: string,
  requests: Readonly<Record<string, number>>,
  constraints: object = {},
): Mover => ({
  title,
  requests: amounts(requests),
  constraints: { spec: constraints },
});

const looked = (space: Space, used: Readonly<Record<string, number>> = {}, pods = 0): InspectedNode => ({
  space,
  usage: { requests: amounts(used), pods },
});

const titles = (movers: readonly Mover[]): readonly string[] => movers.map(({ title }) => title);

const reasonsFor = (mover: Mover, others: readonly Space[], nodes: readonly InspectedNode[]) => ({
  others,
  open: others.filter((space) => fits(mover.constraints, space)),
  inspected: new Map(nodes.map((node) => [node.space, node])),
});

describe('placing', () => {
  it('puts what fits, beside what is there', () => {
    const node = looked(aSpace('n2', { cpu: 4000 }), { cpu: 2500 });
    const { left } = place([aMover('a', { cpu: 1000 }), aMover('b', { cpu: 1000 })], [node]);
    expect(titles(left)).toEqual(['b']);
  });

  it('fills a node to the last thousandth, and not beyond', () => {
    const node = looked(aSpace('n2', { cpu: 4000 }), { cpu: 2500 });
    expect(place([aMover('a', { cpu: 1500 })], [node]).left).toEqual([]);
    expect(place([aMover('a', { cpu: 1501 })], [node]).left).toHaveLength(1);
  });

  it('counts places as well: a node may have so many pods, whatever they request', () => {
    const node = looked(aSpace('n2', { pods: 2 }), {}, 1);
    expect(titles(place([aMover('a', {}), aMover('b', {})], [node]).left)).toEqual(['b']);
  });

  it('lets a pod that wants none of it onto a node that has too little of something', () => {
    const node = looked(aSpace('n2', { cpu: 1000, memory: 10 }), { memory: 20 });
    expect(place([aMover('a', { cpu: 100, memory: 0 })], [node]).left).toEqual([]);
  });

  it('gives nothing that a node does not have at all', () => {
    expect(
      place([aMover('a', { 'nvidia.com/gpu': 1 })], [looked(aSpace('n2', { cpu: 1000 }))]).left,
    ).toHaveLength(1);
  });

  it('serves those first that may not go everywhere, then the biggest', () => {
    const choosy = { nodeSelector: { disk: 'ssd' } };
    const order = sortedForPlacing([
      aMover('small', { cpu: 100 }),
      aMover('fat', { memory: 64 * 1024 ** 3 }),
      aMover('choosy', { cpu: 10 }, choosy),
      aMover('big', { cpu: 4000 }),
    ]);
    expect(titles(order)).toEqual(['choosy', 'fat', 'big', 'small']);
  });
});

const resources = ['cpu', 'memory', 'gpu'] as const;
const someAmounts = fc.record(
  { cpu: fc.nat(4000), memory: fc.nat(1000), gpu: fc.nat(2), pods: fc.integer({ min: 0, max: 4 }) },
  { requiredKeys: ['cpu'], noNullPrototype: true },
);
const roomy = fc.record(
  {
    cpu: fc.integer({ min: 2000, max: 12_000 }),
    memory: fc.integer({ min: 500, max: 3000 }),
    gpu: fc.nat(4),
    pods: fc.nat(8),
  },
  { requiredKeys: ['cpu', 'pods'], noNullPrototype: true },
);
const zone = fc.constantFrom('a', 'b');
const wanted = fc.record(
  { cpu: fc.nat(4000), memory: fc.nat(1000), gpu: fc.nat(2) },
  { requiredKeys: ['cpu'], noNullPrototype: true },
);
const arbitraryMovers = fc
  .array(fc.tuple(wanted, fc.option(zone)), { maxLength: 12 })
  .map((all) =>
    all.map(([requests, wish], nth) =>
      aMover(`pod-${nth}`, requests, wish === null ? {} : { nodeSelector: { zone: wish } }),
    ),
  );
const arbitraryNode = (nth: number): fc.Arbitrary<InspectedNode> =>
  fc
    .tuple(fc.oneof(roomy, someAmounts), someAmounts, zone, fc.boolean())
    .map(([allocatable, { pods = 0, ...used }, label, tainted]) =>
      looked(
        aSpace(`n${nth}`, allocatable, {
          labels: { zone: label },
          taints: tainted ? [{ key: 'x', effect: 'NoSchedule' }] : [],
        }),
        used,
        pods,
      ),
    );
const arbitraryNodes = fc
  .nat(5)
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, nth) => arbitraryNode(nth))));

describe('placing, whatever there is', () => {
  it('never puts more on a node than fits, nor anything where it may not go, and loses no pod', () => {
    const met = outcomeCounts<'placed' | 'left' | 'wished' | 'tainted'>();
    fc.assert(
      fc.property(arbitraryMovers, arbitraryNodes, (movers, nodes) => {
        const { placed, left } = place(sortedForPlacing(movers), nodes);
        met.saw('placed', placed.size > 0);
        met.saw('left', left.length > 0);
        met.saw(
          'tainted',
          nodes.some(({ space }) => space.taints.length > 0),
        );
        expect(placed.size + left.length).toBe(movers.length);
        for (const { space, usage } of nodes) {
          const here = [...placed].filter(([, home]) => home === space).map(([mover]) => mover);
          const sum = here.reduce((all, { requests }) => plus(all, requests), usage.requests);
          for (const name of resources) {
            const isWanted = here.some(({ requests }) => (requests.get(name) ?? 0) > 0);
            if (isWanted) expect(sum.get(name)).toBeLessThanOrEqual(space.allocatable.get(name) ?? 0);
          }
          if (here.length > 0) {
            expect(usage.pods + here.length).toBeLessThanOrEqual(space.allocatable.get('pods') ?? 0);
            expect(space.taints).toEqual([]);
          }
          for (const { constraints } of here) {
            const wanted = (constraints as { spec: { nodeSelector?: { zone: string } } }).spec.nodeSelector;
            met.saw('wished', wanted?.zone !== undefined);
            expect([undefined, space.labels['zone']]).toContain(wanted?.zone);
          }
        }
      }),
    );
    met.atLeast({ placed: 15, left: 20, wished: 10, tainted: 20 });
  });

  it('is never made worse by a node more', () => {
    fc.assert(
      fc.property(arbitraryMovers, arbitraryNodes, arbitraryNode(99), (movers, nodes, another) => {
        const ordered = sortedForPlacing(movers);
        const before = place(ordered, nodes).left;
        const after = place(ordered, [...nodes, another]).left;
        expect(before).toEqual(expect.arrayContaining([...after]));
      }),
    );
  });

  it('is the same in whatever order the pods come', () => {
    fc.assert(
      fc.property(arbitraryMovers, arbitraryNodes, (movers, nodes) => {
        const left = titles(place(sortedForPlacing(movers), nodes).left);
        expect(titles(place(sortedForPlacing(movers.toReversed()), nodes).left)).toEqual(left);
      }),
    );
  });

  it('has a reason for each pod without a place, and changes nothing that it was given', () => {
    fc.assert(
      fc.property(arbitraryMovers, arbitraryNodes, (movers, nodes) => {
        const before = structuredClone(nodes);
        const { left } = place(sortedForPlacing(movers), nodes);
        const others = nodes.map(({ space }) => space);
        for (const mover of left)
          expect(unplacedReason(mover, reasonsFor(mover, others, nodes))).toMatch(/^(needs|no|it|every) \S/);
        expect(nodes).toEqual(before);
      }),
    );
  });
});

describe('why a pod may find no room', () => {
  const whyOf = (mover: Mover, nodes: readonly InspectedNode[]): string =>
    unplacedReason(
      mover,
      reasonsFor(
        mover,
        nodes.map(({ space }) => space),
        nodes,
      ),
    );
  const ssd = { nodeSelector: { disk: 'ssd' } };
  const inZone = (value: string): object => {
    const nodeSelectorTerms = [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }] }];
    return {
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
    };
  };
  const gpuOnly = { taints: [{ key: 'gpu', effect: 'NoSchedule' }] };

  it.each<[string, Mover, readonly InspectedNode[]]>([
    ['no other node takes pods now', aMover('a', {}), []],
    ['no other node matches its node selector', aMover('a', {}, ssd), [looked(aSpace('n2', {}))]],
    ['no other node matches its node affinity', aMover('a', {}, inZone('a')), [looked(aSpace('n2', {}))]],
    [
      'no other node matches its node selector and affinity',
      aMover('a', {}, { ...ssd, ...inZone('a') }),
      [looked(aSpace('n2', {}))],
    ],
    [
      'it tolerates the taints of no node that it could go to',
      aMover('a', {}),
      [looked(aSpace('n2', {}, gpuOnly))],
    ],
    [
      'needs 64 CPU, no node that it may use has more than 4 CPU',
      aMover('a', { cpu: 64_000 }),
      [looked(aSpace('n2', { cpu: 4000 })), looked(aSpace('n3', { cpu: 2000 }))],
    ],
    [
      'needs 4 CPU, at most 2.5 CPU is free on one node',
      aMover('a', { cpu: 4000 }),
      [
        looked(aSpace('n2', { cpu: 4000 }), { cpu: 1500 }),
        looked(aSpace('n3', { cpu: 4000 }), { cpu: 3000 }),
      ],
    ],
    [
      'needs 4 CPU, none is free elsewhere',
      aMover('a', { cpu: 4000 }),
      [looked(aSpace('n2', { cpu: 4000 }), { cpu: 4000 })],
    ],
    [
      'every node that it could go to has as many pods as it may have',
      aMover('a', { cpu: 10 }),
      [looked(aSpace('n2', { cpu: 4000, pods: 1 }), {}, 1)],
    ],
    [
      'needs 2 CPU and 10 bytes of memory, not free together on one node',
      aMover('a', { cpu: 2000, memory: 10 }),
      [
        looked(aSpace('n2', { cpu: 2000, memory: 10 }), { cpu: 1 }),
        looked(aSpace('n3', { cpu: 2000, memory: 10 }), { memory: 1 }),
      ],
    ],
    [
      'needs 2 CPU, and the other pods that move take what is free',
      aMover('a', { cpu: 2000 }),
      [looked(aSpace('n2', { cpu: 2000 }))],
    ],
  ])('%s', (words, mover, nodes) => {
    expect(whyOf(mover, nodes)).toBe(words);
  });

  it('says on how many nodes it looked, where it did not look at all', () => {
    const nodes = [looked(aSpace('n2', { cpu: 4000 }), { cpu: 1500 }), looked(aSpace('n3', { cpu: 4000 }))];
    const others = nodes.map(({ space }) => space);
    const first = nodes.slice(0, 1);
    const mover = aMover('a', { cpu: 4000 });
    expect(unplacedReason(mover, reasonsFor(mover, others, first))).toBe(
      'needs 4 CPU, at most 2.5 CPU is free on the one node looked at, of 2',
    );
  });
});

describe('the search for room', () => {
  const cluster = (count: number, allocatable: Readonly<Record<string, number>>): readonly Space[] =>
    Array.from({ length: count }, (_, nth) => aSpace(`n${String(nth).padStart(4, '0')}`, allocatable));

  /** Each node but those named is as full as can be. */
  async function search(movers: readonly Mover[], spaces: readonly Space[], free: readonly string[] = []) {
    const asked: string[] = [];
    const room = await searchRoom(movers, {
      node: 'n0010',
      spaces,
      mostNamed: 100,
      usage: async (node) => {
        asked.push(node);
        const space = spaces.find(({ name }) => name === node);
        return free.includes(node) ? noUsage : { requests: space?.allocatable ?? new Map(), pods: 1 };
      },
    });
    return { room, asked };
  }
  const web = Array.from({ length: 30 }, (_, nth) => aMover(`web-${nth}`, { cpu: 100 }));

  it('asks nobody when nothing needs a place', async () => {
    expect(await search([], cluster(5000, { cpu: 4000 }))).toEqual({
      room: { pods: 0, short: 0, without: [] },
      asked: [],
    });
  });

  it('looks at a few nodes of thousands when they have room, beginning with the next by name', async () => {
    const { room, asked } = await search(web, cluster(5000, { cpu: 4000 }), ['n0011', 'n0012']);
    expect(room).toEqual({ pods: 30, short: 0, without: [] });
    expect(asked).toEqual(['n0011', 'n0012', 'n0013', 'n0014']);
  });

  it('looks further for those that found none, and never at the node itself', async () => {
    const { room, asked } = await search(web, cluster(20, { cpu: 4000 }), ['n0009']);
    expect(room.short).toBe(0);
    expect(asked).toHaveLength(19);
    expect(asked).not.toContain('n0010');
  });

  it('does not ask a node that could not take it if it were empty', async () => {
    const spaces = [
      ...cluster(3, { cpu: 50 }),
      aSpace('tainted', { cpu: 9000 }, { taints: [{ effect: 'NoSchedule' }] }),
    ];
    const { room, asked } = await search(web.slice(0, 1), spaces);
    expect(asked).toEqual([]);
    expect(room.without).toEqual([
      { pod: 'web-0', reason: 'needs 0.1 CPU, no node that it may use has more than 0.05 CPU' },
    ]);
  });

  it('gives up after a bounded number of nodes, and says so', async () => {
    const { room, asked } = await search(web.slice(0, 2), cluster(5000, { cpu: 4000 }));
    expect(new Set(asked).size).toBe(60);
    expect(asked).toHaveLength(60);
    expect(room).toMatchObject({
      pods: 2,
      short: 2,
      without: [
        { pod: 'web-0', reason: 'needs 0.1 CPU, none is free on the 60 nodes looked at, of 4999' },
        { pod: 'web-1' },
      ],
    });
  });

  it('asks for more at a time the longer it takes', async () => {
    let [waiting, most] = [0, 0];
    const spaces = cluster(5000, { cpu: 4000 });
    const usage = async (): Promise<Usage> => {
      waiting += 1;
      most = Math.max(most, waiting);
      await Promise.resolve();
      waiting -= 1;
      return { requests: amounts({ cpu: 4000 }), pods: 1 };
    };
    await searchRoom(web, { node: 'n0010', spaces, mostNamed: 1, usage });
    expect(most).toBe(32);
  });

  it('does not spend all of that on one pod that fits nowhere', async () => {
    const spaces = [...cluster(200, { cpu: 4000 }), aSpace('zz', { cpu: 4000 }, { labels: { disk: 'ssd' } })];
    const picky = aMover('db-0', { cpu: 100 }, { nodeSelector: { disk: 'ssd' } });
    const { room } = await search([...web.slice(0, 1), picky], spaces, ['zz']);
    expect(room.short).toBe(0);
  });

  it('names a bounded number of pods and counts them all', async () => {
    const many = Array.from({ length: 150 }, (_, nth) => aMover(`web-${nth}`, { cpu: 100 }));
    const { room } = await search(many, []);
    expect([room.pods, room.short, room.without.length]).toEqual([150, 150, 100]);
  });
});
