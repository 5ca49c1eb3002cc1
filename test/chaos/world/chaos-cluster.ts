/** The API server of a schedule, and a hand of the test's own in it. */
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import {
  type ApiUser,
  createKubeServer,
  type KubeServer,
  type PolicyRule,
} from '../../../demo/kube/kube-api.ts';
import { type JsonObject, objectAt, textAt } from '../../../demo/kube/json.ts';
import { nameOf } from '../../../demo/kube/objects/object.ts';
import { parseOnce } from '../../../demo/kube/parse-once.ts';
import type { VirtualTime } from '../time/virtual-time.ts';

export const namespace = 'tugboot';

const chart = (path: string): string => readFileSync(`charts/tugboot/files/${path}`, 'utf8');
const rules = (name: string): readonly PolicyRule[] => parseOnce(chart(`${name}-rules.yaml`)) as PolicyRule[];
const crds = [chart('crds/reboots.yaml'), chart('crds/nodeagents.yaml')];

export interface ChaosCluster {
  readonly server: KubeServer;
  readonly handler: RequestListener;
  /** Who has caused the writes from now on. */
  actor: string;
  get(kind: string, name: string): JsonObject | undefined;
  /** Merges into the object, as a controller of the cluster does. */
  change(kind: string, name: string, change: (object: JsonObject) => JsonObject): void;
}

export function chaosCluster(
  time: VirtualTime,
  random: () => number,
  nodes: readonly string[],
): ChaosCluster {
  const inNamespace = rules('bot-namespace').map((rule) =>
    Object.assign({}, rule, { namespaces: [namespace] }),
  );
  const users = new Map<string, ApiUser>([
    ['hand', { name: 'admin', groups: ['system:masters'] }],
    ['bot', { name: `system:serviceaccount:${namespace}:tugboot`, rules: [...rules('bot'), ...inNamespace] }],
    ...nodes.map((nodeName): [string, ApiUser] => [
      `agent-${nodeName}`,
      { name: `system:serviceaccount:${namespace}:tugboot-agent`, nodeName, rules: rules('agent') },
    ]),
  ]);
  const { server, handler } = createKubeServer({
    users,
    crds,
    now: time.now,
    random,
    watch: { after: time.after },
    later: (work) => void time.after(0, work),
  });
  const { objects } = server;
  const cluster: ChaosCluster = {
    server,
    handler,
    actor: 'world',
    get: (kind, name) => objects.get(kind, name),
    change(kind, name, change) {
      const before = cluster.get(kind, name);
      if (before === undefined) return;
      cluster.actor = 'world';
      objects.replace(kind, change(before));
    },
  };
  objects.create('Namespace', { metadata: { name: namespace } });
  objects.create('Namespace', { metadata: { name: 'shop' } });
  return cluster;
}

export const uidOfName = (object: JsonObject | undefined): string => textAt(object, 'metadata', 'uid');
export const specOf = (object: JsonObject): JsonObject => objectAt(object, 'spec') ?? {};
export { nameOf };
