import { having, type JsonObject } from './json.ts';
import { present } from './representation.ts';
import { type ResourceRequest } from './request.ts';
import { apiVersionOf, type ResourceType } from './types/resource-type.ts';
import { isSelective, selectionOf } from './selection.ts';
import { badRequest, type FieldError, gone, invalid, versionTooLarge } from './status-error.ts';
import { keyOf, type Store } from './objects/store.ts';

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

/** Where a page ended: the version it was as of, and the last key. Clients must not look into it. */
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
    // Falls through: what is no token is refused in one way.
  }
  throw badRequest('continue key is not valid');
}

/**
 * One page of a list. All pages of a list are as of the version of the first, or 410 when that is forgotten.
 */
export function listPage(store: Store, request: ResourceRequest): Page {
  const { query, type, namespace } = request;
  const selected = selectionOf(request);
  const token = query.get('continue') ?? '';
  const from = token === '' ? { revision: wantedRevision(store, query), after: '' } : decodeToken(token);
  const all = asOf(store, from, () => store.list(type.storedAs, { namespace, asOf: from.revision })).filter(
    selected,
  );
  const rest = from.after === '' ? all : all.filter((object) => keyOf(object) > from.after);
  const limit = readLimit(query) || rest.length;
  const objects = rest.slice(0, limit);
  const last = objects.at(-1);
  const left = rest.length - objects.length;
  const more =
    left > 0 && last !== undefined
      ? { continue: encodeToken({ revision: from.revision, after: keyOf(last) }) }
      : {};
  // How many are left is only told where no selector makes it expensive to know.
  const remaining = left > 0 && !isSelective(query) ? { remainingItemCount: left } : {};
  return { objects, metadata: { resourceVersion: String(from.revision), ...more, ...remaining } };
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

/** A list is as of now, unless exactly an earlier version is asked for. */
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

/** The list as the client gets it. */
export function listObject(type: ResourceType, page: Page): JsonObject {
  const shown = page.objects.map((object) => present(type, object));
  // Items of built-in lists do not repeat what the list says; custom ones do.
  const items =
    type.custom === undefined
      ? shown.map((item) => having(having(item, 'kind', undefined), 'apiVersion', undefined))
      : shown;
  return { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata: page.metadata, items };
}
