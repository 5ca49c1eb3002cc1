import { type ResourceType } from '../types/resource-type.ts';
import { parseFieldSelector } from '../lists/selectors.ts';
import { methodNotAllowed, noSuchResource, type StatusError } from '../status-error.ts';
import { type TypeRegistry } from '../types/type-registry.ts';

/** A request for objects, parsed from method and path. */
export interface ResourceRequest {
  readonly verb: string;
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  /** The name in the field selector of a list or watch. */
  readonly selectedName: string;
  readonly query: URLSearchParams;
}

const verbs: Readonly<Record<string, readonly [one: string, many: string]>> = {
  GET: ['get', 'list'],
  HEAD: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
};

const isTrue = (text: string | null): boolean => text === 'true' || text === '1';

/** The parts of `/api/v1/…` and `/apis/GROUP/VERSION/…`; undefined for other paths. */
export function resourcePath(
  path: string,
): { readonly group: string; readonly version: string; readonly rest: readonly string[] } | undefined {
  const [root, ...parts] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  if (root === 'api' && parts.length > 1) return { group: '', version: parts[0] ?? '', rest: parts.slice(1) };
  if (root === 'apis' && parts.length > 2)
    return { group: parts[0] ?? '', version: parts[1] ?? '', rest: parts.slice(2) };
  return undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not a valid escape: used as it is, and not found later.
    return part;
  }
}

export function readRequest(method: string, url: URL, types: TypeRegistry): ResourceRequest | undefined {
  const address = readAddress(url, types);
  const verb = verbOf(method, url.searchParams, address?.name ?? '');
  if (address === undefined || verb === undefined || !serves(address, method)) return undefined;
  if (!fitsScope(address.type, address.namespace, address.name, verb)) return undefined;
  return { verb, ...address, selectedName: selectedName(url.searchParams), query: url.searchParams };
}

interface Address {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

/** The path of a resource that is served here, regardless of the method. */
function readAddress(url: URL, types: TypeRegistry): Address | undefined {
  const path = resourcePath(url.pathname);
  if (path === undefined) return undefined;
  const { namespace, plural, name, subresource, excess } = splitPath(
    path.rest,
    (word) => types.find(path.group, path.version, word) !== undefined,
  );
  const type = types.find(path.group, path.version, plural);
  if (type === undefined || excess) return undefined;
  if (subresource !== '' && !type.subresources.includes(subresource)) return undefined;
  return { type, namespace, name, subresource };
}

const ofOne: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'POST']);
const ofMany: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'DELETE']);
const ofStatus: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'PATCH']);
const ofAct: ReadonlySet<string> = new Set(['POST']);

function serves({ name, subresource }: Address, method: string): boolean {
  if (subresource === '') return (name === '' ? ofMany : ofOne).has(method);
  return (subresource === 'status' ? ofStatus : ofAct).has(method);
}

/**
 * The error for a path without a handler. Built-in groups return a Status; for all others, custom groups
 * included, the router returns plain text, represented by undefined here. Observed on a real server.
 */
export function refuseAddress(url: URL, types: TypeRegistry): StatusError | undefined {
  if (readAddress(url, types) !== undefined) return methodNotAllowed();
  const path = resourcePath(url.pathname);
  const own = types.all().some(({ group, custom }) => group === path?.group && custom === undefined);
  return own ? noSuchResource() : undefined;
}

interface PathParts {
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: string;
  /** The path has more parts than that of an object. */
  readonly excess: boolean;
}

/**
 * `namespaces/NAME/RESOURCE` is in a namespace; `namespaces/NAME` and its subresources are the namespace
 * itself.
 */
function splitPath(parts: readonly string[], isResource: (word: string) => boolean): PathParts {
  const [first, second = '', third] = parts;
  const inNamespace = first === 'namespaces' && third !== undefined && isResource(third);
  const own = inNamespace ? parts.slice(2) : parts;
  const [plural = '', name = '', subresource = ''] = own;
  return { namespace: inNamespace ? second : '', plural, name, subresource, excess: own.length > 3 };
}

/** Without a namespace, namespaced objects can only be listed and watched. */
function fitsScope(type: ResourceType, namespace: string, name: string, verb: string): boolean {
  if (!type.namespaced) return namespace === '';
  return (
    namespace !== '' || (name === '' && (verb === 'list' || verb === 'watch' || verb === 'deletecollection'))
  );
}

function verbOf(method: string, query: URLSearchParams, name: string): string | undefined {
  const pair = verbs[method];
  if (method === 'GET' && name === '' && isTrue(query.get('watch'))) return 'watch';
  return pair?.[name === '' ? 1 : 0];
}

function selectedName(query: URLSearchParams): string {
  const text = query.get('fieldSelector') ?? '';
  // An invalid selector is refused later, by the list.
  if (!/(^|,)metadata\.name=/.test(text)) return '';
  return parseFieldSelector(text).find((term) => term.path === 'metadata.name' && term.equal)?.value ?? '';
}
