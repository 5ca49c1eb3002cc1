// Hosts that obey an order, and kubelets that end pods: in memory, after fixed times.
import type { DirectObjects } from '../../../demo/kube/direct.ts';
import { type JsonObject, listAt, objectAt, textAt } from '../../../demo/kube/json.ts';
import { isTerminating } from '../../../demo/kube/objects/object.ts';
import { nodeConditions } from '../../../demo/kubelet/node-object.ts';
import { aReportAfter, newKernel } from './cluster-objects.ts';
import { bootTimeOf, rebooted, stopTime } from './host-times.ts';

export function simulateHosts(objects: DirectObjects): void {
  const stopping = new Set<string>();
  objects.subscribe('Pod', ({ type, key, object }) => {
    if (type !== 'MODIFIED' || !isTerminating(object) || stopping.has(key)) return;
    stopping.add(key);
    setTimeout(() => {
      stopping.delete(key);
      objects.remove('Pod', key);
    }, stopTime);
  });
  const obeyed = new Set<string>();
  objects.subscribe('NodeAgent', ({ key, object }) => {
    const boot = textAt(object, 'spec', 'endBoot');
    if (boot === '' || boot !== textAt(object, 'status', 'bootId') || obeyed.has(`${key} ${boot}`)) return;
    obeyed.add(`${key} ${boot}`);
    // After the answer to the bot's own write, as an agent elsewhere would.
    setImmediate(() => obey(objects, key, object, boot));
  });
}

function obey(objects: DirectObjects, node: string, agent: JsonObject, boot: string): void {
  const receipt = { endBoot: boot, state: 'obeying', at: new Date().toISOString() };
  objects.setStatus('NodeAgent', node, { ...objectAt(agent, 'status'), order: receipt });
  setTimeout(() => {
    const bootId = rebooted(boot);
    const now = Date.now();
    const before = objects.list('Node').find((each) => textAt(each, 'metadata', 'name') === node);
    const status = objectAt(before, 'status');
    const own = nodeConditions({ ready: true, now });
    const types = new Set(own.map((condition) => textAt(condition, 'type')));
    const others = listAt(status, 'conditions').filter((each) => !types.has(textAt(each, 'type')));
    const nodeInfo = { ...objectAt(status, 'nodeInfo'), bootID: bootId, kernelVersion: newKernel };
    objects.setStatus('Node', node, { ...status, nodeInfo, conditions: [...others, ...own] });
    objects.setStatus('NodeAgent', node, JSON.parse(JSON.stringify(aReportAfter(bootId, now))));
  }, bootTimeOf(node));
}
