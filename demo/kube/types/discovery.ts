import { type JsonObject } from '../json.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';
import { type TypeRegistry } from './type-registry.ts';

const version: JsonObject = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-06-01T00:00:00Z',
  goVersion: 'go1.26.8',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const objectVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Responses for paths about the server itself; undefined for all others. A string is sent as plain text. */
export function describe(path: string, types: TypeRegistry): JsonObject | string | undefined {
  const [root, group, groupVersion, ...more] = path.split('/').filter((part) => part !== '');
  if (root === 'healthz' || root === 'livez' || root === 'readyz') return 'ok';
  if (root === 'version' && group === undefined) return version;
  if (more.length > 0) return undefined;
  if (root === 'api' && groupVersion === undefined) {
    return group === undefined
      ? { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
      : resourceList('', group, types);
  }
  if (root !== 'apis') return undefined;
  if (group === undefined)
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups(types).map((name) => groupOf(name, types)),
    };
  if (groupVersion !== undefined) return resourceList(group, groupVersion, types);
  return groups(types).includes(group)
    ? { ...groupOf(group, types), apiVersion: 'v1', kind: 'APIGroup' }
    : undefined;
}

const groups = (types: TypeRegistry): readonly string[] => [
  ...new Set(
    [...types.all().map((type) => type.group), 'authorization.k8s.io'].filter((group) => group !== ''),
  ),
];

function groupOf(name: string, types: TypeRegistry): JsonObject {
  const found = types.all().filter((type) => type.group === name);
  const versions = [...new Set(found.map((type) => type.version))];
  const served = (versions.length === 0 ? ['v1'] : versions).map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return { name, versions: served, preferredVersion: served[0] ?? null };
}

function resourceList(group: string, version: string, types: TypeRegistry): JsonObject | undefined {
  const reviews = group === 'authorization.k8s.io' && version === 'v1' ? [selfReview] : [];
  const resources = [
    ...types
      .all()
      .filter((type) => type.group === group && type.version === version)
      .flatMap(describeType),
    ...reviews,
  ];
  if (resources.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources,
  };
}

const selfReview: JsonObject = {
  name: 'selfsubjectaccessreviews',
  singularName: 'selfsubjectaccessreview',
  namespaced: false,
  kind: 'SelfSubjectAccessReview',
  verbs: ['create'],
};

function describeType(type: ResourceType): readonly JsonObject[] {
  const { plural, namespaced, kind } = type;
  const own: JsonObject = {
    name: plural,
    singularName: type.singular,
    namespaced,
    kind,
    verbs: objectVerbs,
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
  };
  return [own, ...type.subresources.map((subresource) => describeSubresource(type, subresource))];
}

function describeSubresource({ plural, namespaced, kind }: ResourceType, subresource: string): JsonObject {
  const base = { name: `${plural}/${subresource}`, singularName: '', namespaced };
  if (subresource === 'eviction')
    return { ...base, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] };
  if (subresource === 'binding') return { ...base, kind: 'Binding', verbs: ['create'] };
  return { ...base, kind, verbs: ['get', 'patch', 'update'] };
}
