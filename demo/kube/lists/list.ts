import { having, type JsonObject } from '../json.ts';
import { present } from './representation.ts';
import { type ResourceRequest } from '../requests/request.ts';
import { apiVersionOf, type ResourceType } from '../types/resource-type.ts';
import { isSelective, selectionOf } from './selection.ts';
import { parseFieldSelector } from './selectors.ts';
import { badRequest, type FieldError, gone, invalid, versionTooLarge } from '../status-error.ts';
import { keyOf, type Store } from '../objects/store.ts';

interface Page {
  readonly objects: readonly JsonObject[];
  readonly metadata: JsonObject;
}

const listOptions = { group: 'meta.k8s.io', plural: 'listoptions', kind: 'ListOptions' };
const matchWithoutVersion: FieldError = {
  field: 'resourceVersionMatch',
  reason: 'FieldValueForbidden',
  message: 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
};

/** The content of a continue token: the list's version and the last key. Opaque to clients. */
interface Bookmark {
  readonly revision: number;
  readonly after: string;
}

const encodeToken = (bookmark: Bookmark): string =>
  Buffer.from(JSON.stringify(bookmark)).toString('base64url');

function decodeToken(token: string): Bookmark {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (typeof value === 'object' && value !== null && 'revision' in value && 'after' in value) {
      return { revision: Number(value.revision), after: String(value.after) };
    }
  } catch {
    // Falls through: every malformed token gets the same error.
  }
  throw badRequest('continue key is not valid');
}

/** One page of a list. All pages show the version of the first one, or get 410 if that is compacted. */
export function listPage(store: Store, request: ResourceRequest): Page {
  const { query, type, namespace } = request;
  const selected = selectionOf(request);
  const token = query.get('continue') ?? '';
  const from = token === '' ? { revision: wantedRevision(store, query), after: '' } : decodeToken(token);
  const all = asOf(store, from, () =>
    store.list(type.storedAs, { namespace, asOf: from.revision, ...onNode(query) }),
  ).filter(selected);
  const rest = from.after === '' ? all : all.filter((object) => keyOf(object) > from.after);
  const limit = readLimit(query) || rest.length;
  const objects = rest.slice(0, limit);
  const last = objects.at(-1);
  const left = rest.length - objects.length;
  const more =
    left > 0 && last !== undefined
      ? { continue: encodeToken({ revision: from.revision, after: keyOf(last) }) }
      : {};
  // The remaining count is sent only without selectors, as by the real server, where it would be expensive.
  const remaining = left > 0 && !isSelective(query) ? { remainingItemCount: left } : {};
  return { objects, metadata: { resourceVersion: String(from.revision), ...more, ...remaining } };
}

/** The node that a field selector asks for. */
function onNode(query: URLSearchParams): { readonly node?: string } {
  const node = parseFieldSelector(query.get('fieldSelector') ?? '').find(
    ({ path, equal, value }) => path === 'spec.nodeName' && equal && value !== '',
  );
  return node === undefined ? {} : { node: node.value };
}

function asOf<T>(store: Store, from: Bookmark, read: () => T): T {
  if (from.after === '') return read();
  try {
    store.since(from.revision);
  } catch {
    throw gone(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    );
  }
  return read();
}

function readLimit(query: URLSearchParams): number {
  const asked = query.get('limit') ?? '';
  if (!/^-?\d*$/.test(asked)) throw badRequest(`strconv.ParseInt: parsing "${asked}": invalid syntax`);
  return Math.max(0, Number(asked));
}

/** A list shows the current version unless `resourceVersionMatch=Exact` requests an earlier one. */
function wantedRevision(store: Store, query: URLSearchParams): number {
  const asked = query.get('resourceVersion') ?? '';
  if (asked !== '' && !/^\d+$/.test(asked))
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: "${asked}": strconv.ParseUint: parsing "${asked}": invalid syntax`,
    );
  const match = query.get('resourceVersionMatch') ?? '';
  if (match !== '' && asked === '') throw invalid(listOptions, '', [matchWithoutVersion]);
  if (Number(asked) > store.revision()) throw versionTooLarge(Number(asked), store.revision());
  return match === 'Exact' && asked !== '0' ? Number(asked) : store.revision();
}

/** The list in the form that is sent. */
export function listObject(type: ResourceType, page: Page): JsonObject {
  const shown = page.objects.map((object) => present(type, object));
  // Items of built-in lists omit kind and apiVersion; items of custom ones have them.
  const items =
    type.custom === undefined
      ? shown.map((item) => having(having(item, 'kind', undefined), 'apiVersion', undefined))
      : shown;
  return { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata: page.metadata, items };
}
