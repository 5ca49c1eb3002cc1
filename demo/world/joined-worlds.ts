import type { World } from './view.ts';

/** Several clusters as one world: their nodes are called `cluster/node`, as `/reboot` names them. */
export function joinedWorlds(clusters: ReadonlyMap<string, World>): World {
  const all = [...clusters];
  return {
    view: () => ({
      nodes: all.flatMap(([cluster, world]) =>
        world.view().nodes.map((node) => ({ ...node, name: `${cluster}/${node.name}` })),
      ),
    }),
    subscribe(onChange) {
      const ends = all.map(([, world]) => world.subscribe(onChange));
      return () => ends.forEach((end) => end());
    },
    async aptUpgrade(name) {
      const [cluster = '', node = ''] = name.split('/');
      const world = clusters.get(cluster);
      if (world === undefined) throw new Error(`no cluster is called ${cluster}`);
      await world.aptUpgrade(node);
    },
    async patchWorkers() {
      await Promise.all(all.map(([, world]) => world.patchWorkers()));
    },
  };
}
