import { typesOf } from './custom-types.ts';
import { builtinTypes, type ResourceType } from './resource-type.ts';
import { type Store } from '../objects/store.ts';

export const definitions = 'customresourcedefinitions.apiextensions.k8s.io';

export interface TypeRegistry {
  find(group: string, version: string, plural: string): ResourceType | undefined;
  all(): readonly ResourceType[];
}

/** The built-in types and those of the stored definitions. */
export function createTypeRegistry(store: Store): TypeRegistry {
  let all: readonly ResourceType[] = builtinTypes;
  store.subscribe((change) => {
    if (change.resource === definitions) all = [...builtinTypes, ...store.list(definitions).flatMap(typesOf)];
  });
  return {
    all: () => all,
    find: (group, version, plural) =>
      all.find((type) => type.plural === plural && type.group === group && type.version === version),
  };
}
