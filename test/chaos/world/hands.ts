/** Hands in the cluster: what people and other programs do to it without Tugboot. */
import { having, type JsonObject, objectAt, stringsAt } from '../../../demo/kube/json.ts';
import { nameOf, withMetadata } from '../../../demo/kube/objects/object.ts';
import type { Dice } from '../time/randomness.ts';
import type { Hand } from '../story/schedule.ts';
import type { ChaosCluster } from './chaos-cluster.ts';
import type { Machine } from './machine.ts';
import type { VirtualTime } from '../time/virtual-time.ts';

export interface HandDeps {
  readonly cluster: ChaosCluster;
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly machines: ReadonlyMap<string, Machine>;
  readonly reload: () => void;
  /** The object is deleted as `kubectl delete` does. */
  readonly remove: (kind: 'Reboot' | 'NodeAgent' | 'Node', name: string) => void;
}

export function lend(deps: HandDeps, { node, what }: Hand): void {
  const machine = deps.machines.get(node);
  if (machine === undefined) return;
  const { cluster, dice } = deps;
  cluster.actor = 'hand';
  const onNode = (change: (object: JsonObject) => JsonObject): void => {
    const object = cluster.get('Node', node);
    cluster.actor = 'hand';
    if (object !== undefined) cluster.server.objects.replace('Node', change(object));
  };
  switch (what) {
    case 'sentinel':
    case 'packages':
    case 'sentinel-gone':
      return ask(deps, machine, what);
    case 'cordon':
      return onNode((object) => unschedulable(object, true));
    case 'uncordon':
      return onNode((object) => unschedulable(object, undefined));
    case 'label':
      return onNode((object) => {
        const labels = { ...stringsAt(object, 'metadata', 'labels'), team: dice.pick(['a', 'b']) };
        return withMetadata(object, { labels });
      });
    case 'pause':
      return onNode((object) => {
        const { 'tugboot.dev/paused': paused, ...rest } = stringsAt(object, 'metadata', 'annotations');
        const next = paused === undefined ? { ...rest, 'tugboot.dev/paused': 'by hand' } : rest;
        return withMetadata(object, { annotations: next });
      });
    case 'boot':
      return machine.reboot('itself');
    case 'power-loss':
      return machine.losePower();
    case 'agent-restart':
      return machine.restartAgent();
    case 'agent-away':
      return machine.agentAway(dice.between(10, 400) * 1000);
    case 'delete-reboot': {
      const mine = cluster.server.objects
        .list('Reboot')
        .findLast((object) => objectAt(object, 'spec')['node'] === node);
      if (mine !== undefined) deps.remove('Reboot', nameOf(mine));
      return undefined;
    }
    case 'delete-agent':
      return deps.remove('NodeAgent', node);
    case 'delete-node':
    case 'replace-node':
      deps.remove('Node', node);
      // Its kubelet registers again: the Node has another UID.
      if (what === 'replace-node')
        deps.time.after(20_000, () => (machine.isOn() ? machine.register() : undefined));
      return undefined;
    case 'forge-report':
      return forge(deps, node);
    case 'reload-config':
      return deps.reload();
  }
}

function ask({ time }: HandDeps, machine: Machine, what: Hand['what']): void {
  const { host } = machine;
  if (!machine.isOn()) return;
  if (what === 'sentinel') {
    host.newest = '6.8.0-49-generic';
    host.packages = ['linux-image-6.8.0-49-generic'];
    host.sentinelAt = time.now();
  } else if (what === 'packages') {
    if (host.sentinelAt === undefined) return;
    host.newest = '6.8.0-51-generic';
    host.packages = [...host.packages, 'linux-image-6.8.0-51-generic', 'libc6'];
  } else {
    host.sentinelAt = undefined;
    host.packages = [];
  }
  machine.changed();
}

const unschedulable = (object: JsonObject, value: true | undefined): JsonObject => ({
  ...object,
  spec: having(objectAt(object, 'spec'), 'unschedulable', value),
});

/** A report that no agent wrote: it says that nothing is asked for. */
function forge({ cluster }: HandDeps, node: string): void {
  const object = cluster.get('NodeAgent', node);
  if (object === undefined) return;
  const status = objectAt(object, 'status');
  if (Object.keys(status).length === 0) return;
  cluster.server.objects.replace('NodeAgent', {
    ...object,
    status: { ...status, required: 'no', packages: [] },
  });
}
