import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import type { BootTarget } from '../../reboot/nodes/observation.ts';

/** RFC 6902. After a failed `test` the API server refuses the whole patch with 422, and nothing changes. */
export type PatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export type JsonPatch = readonly PatchOperation[];

/** RFC 6901: `~` and `/` are escaped in a pointer. */
export const pointer = (...parts: readonly string[]): string =>
  parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/**
 * Preconditions of every write to a Node: the API server refuses it for another boot, or for another machine
 * of the same name.
 */
export const onlyAtBoot = (target: BootTarget): JsonPatch => [
  { op: 'test', path: '/metadata/uid', value: target.uid },
  { op: 'test', path: '/status/nodeInfo/bootID', value: target.bootId },
];

/** Optimistic lock, for conditions that a `test` of one field cannot express. */
export const onlyAtVersion = (version: string): JsonPatch => [
  { op: 'test', path: '/metadata/resourceVersion', value: version },
];

const cordonedBy = pointer('metadata', 'annotations', nodeContract.cordonedBy.key);

interface CordonPatch {
  readonly target: BootTarget;
  readonly owner: string;
  readonly version: string;
  /** Whether the node has annotations: `add` fails below a missing parent. */
  readonly annotated: boolean;
}

export const cordonPatch = ({ target, owner, version, annotated }: CordonPatch): JsonPatch => [
  ...onlyAtBoot(target),
  // A schedulable node has no `unschedulable` field, and `test` cannot assert an absent field.
  ...onlyAtVersion(version),
  annotated
    ? { op: 'add', path: cordonedBy, value: owner }
    : { op: 'add', path: '/metadata/annotations', value: { [nodeContract.cordonedBy.key]: owner } },
  { op: 'add', path: '/spec/unschedulable', value: true },
];

export const forgetCordonPatch = (target: BootTarget, owner: string, version: string): JsonPatch => [
  ...onlyAtBoot(target),
  ...onlyAtVersion(version),
  { op: 'test', path: cordonedBy, value: owner },
  { op: 'remove', path: cordonedBy },
];

const annotation = ({ key }: { readonly key: string }): string => pointer('metadata', 'annotations', key);

export const takeRequestPatch = (target: BootTarget, version: string, named: boolean): JsonPatch => [
  ...onlyAtBoot(target),
  ...onlyAtVersion(version),
  { op: 'remove', path: annotation(nodeContract.requested) },
  ...(named ? [{ op: 'remove', path: annotation(nodeContract.requestedBy) } as const] : []),
];

/** Only for a node with a request, which therefore has annotations. */
export const nameRequesterPatch = (target: BootTarget, name: string): JsonPatch => [
  ...onlyAtBoot(target),
  { op: 'add', path: annotation(nodeContract.requestedBy), value: name },
];

/**
 * At the version that was read: our annotation shows who cordoned the node first, not who has confirmed the
 * cordon since.
 */
export const uncordonPatch = (target: BootTarget, owner: string, version: string): JsonPatch => [
  ...forgetCordonPatch(target, owner, version),
  { op: 'test', path: '/spec/unschedulable', value: true },
  { op: 'replace', path: '/spec/unschedulable', value: false },
];

export interface ConditionPatch {
  readonly target: BootTarget;
  readonly version: string;
  /** The index of the condition; without it, whether there are other conditions. */
  readonly place: { readonly index: number } | 'append' | 'first';
  readonly condition: unknown;
}

export function conditionPatch({ target, version, place, condition }: ConditionPatch): JsonPatch {
  const guards = [...onlyAtBoot(target), ...onlyAtVersion(version)];
  if (place === 'first') return [...guards, { op: 'add', path: '/status/conditions', value: [condition] }];
  if (place === 'append') return [...guards, { op: 'add', path: '/status/conditions/-', value: condition }];
  return [...guards, { op: 'replace', path: `/status/conditions/${place.index}`, value: condition }];
}
