import type { V1Node, V1NodeCondition } from '@kubernetes/client-node';
import type { Received } from '../api/received.ts';

/** A Node as the API server returns it. */
export type KubeNode = Received<V1Node>;
export type KubeNodeCondition = Received<V1NodeCondition>;

/** Without what nothing here reads, which is most of a Node: its images, and who wrote which field. */
export function withoutBulk(node: KubeNode): KubeNode {
  const { managedFields: _, ...metadata } = node.metadata ?? {};
  const { images: _images, ...status } = node.status ?? {};
  return { ...node, metadata, status };
}

/** Keys may come from the configuration: those that every object inherits are no annotations. */
export function annotationOn({ metadata }: KubeNode, key: string): string | undefined {
  const annotations = metadata?.annotations ?? {};
  return Object.hasOwn(annotations, key) ? annotations[key] : undefined;
}

export const conditionsOn = ({ status }: KubeNode): readonly KubeNodeCondition[] => status?.conditions ?? [];

export const versionOf = ({ metadata }: KubeNode): string => metadata?.resourceVersion ?? '';
