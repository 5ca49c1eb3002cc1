import type { V1ObjectMeta } from '@kubernetes/client-node';
import type { Received } from './received.ts';

export interface NamedObject {
  readonly metadata?: Received<V1ObjectMeta>;
}

export const objectNameOf = ({ metadata }: NamedObject): string => metadata?.name ?? '';
export const uidOf = ({ metadata }: NamedObject): string => metadata?.uid ?? '';

/** For the views of namespaced objects, which are named `namespace/name` to people. */
export const namesOf = (object: NamedObject): { readonly namespace: string; readonly name: string } => ({
  namespace: object.metadata?.namespace ?? '',
  name: objectNameOf(object),
});
