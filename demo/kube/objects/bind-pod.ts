import { type Json, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import { inSeconds, uidOf } from './object.ts';
import { badRequest, conflict } from '../status-error.ts';
import { type Cluster, readObject, type Target } from './writes.ts';

/** `POST …/pods/NAME/binding`, as sent by a scheduler. A pod is bound once. */
export function bindPod(cluster: Cluster, target: Target, body: Json): JsonObject {
  const node = textAt(body, 'target', 'name');
  if (node === '') throw badRequest('binding.target.name: Required value');
  const pod = readObject(cluster, target);
  const uid = textAt(body, 'metadata', 'uid');
  const binding = { group: '', plural: 'pods/binding', kind: 'Binding' };
  if (uid !== '' && uid !== uidOf(pod)) {
    throw conflict(
      binding,
      target.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${uidOf(pod)}`,
    );
  }
  const already = textAt(pod, 'spec', 'nodeName');
  if (already !== '')
    throw conflict(binding, target.name, `pod ${target.name} is already assigned to node "${already}"`);
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: inSeconds(cluster.now()) };
  const others = listAt(pod, 'status', 'conditions').filter(
    (condition) => textAt(condition, 'type') !== 'PodScheduled',
  );
  cluster.store.put('pods', {
    ...pod,
    spec: { ...objectAt(pod, 'spec'), nodeName: node },
    status: { ...objectAt(pod, 'status'), conditions: [...others, scheduled] },
  });
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}
