import { at, type JsonObject, listAt, objectAt, stringsAt, textAt } from '../kube/json.ts';
import { conditionStatus, isTerminating, nameOf, namespaceOf, uidOf } from '../kube/objects/object.ts';

/** Shared by the workload controllers: a pod's owner, if it counts, and new pods from the template. */
export const controllerUid = (pod: JsonObject): string =>
  textAt(
    listAt(pod, 'metadata', 'ownerReferences').find((owner) => at(owner, 'controller') === true),
    'uid',
  );

export const isReady = (object: JsonObject): boolean => conditionStatus(object, 'Ready') === 'True';

export const isFinished = (pod: JsonObject): boolean =>
  ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'));

/** Terminating pods are not counted, so that a replacement is created at once. */
export const isActive = (pod: JsonObject): boolean => !isTerminating(pod) && !isFinished(pod);

export const nodeOf = (pod: JsonObject): string => textAt(pod, 'spec', 'nodeName');

export interface Naming {
  readonly name?: string;
  readonly generateName?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export const podsPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;

export function ownerReference(owner: JsonObject, kind: string): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind,
    name: nameOf(owner),
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}

export function podFor(owner: JsonObject, kind: string, naming: Naming): JsonObject {
  const template = objectAt(owner, 'spec', 'template');
  const { labels = {}, ...names } = naming;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...names,
      namespace: namespaceOf(owner),
      labels: { ...stringsAt(template, 'metadata', 'labels'), ...labels },
      annotations: stringsAt(template, 'metadata', 'annotations'),
      ownerReferences: [ownerReference(owner, kind)],
    },
    spec: objectAt(template, 'spec'),
  };
}
