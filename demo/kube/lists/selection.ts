import { type JsonObject, stringsAt } from '../json.ts';
import { namespaceOf } from '../objects/object.ts';
import { present } from './representation.ts';
import { type ResourceRequest } from '../requests/request.ts';
import { fieldMatcher, parseFieldSelector, parseLabelSelector } from './selectors.ts';

/** The stored objects that a list, watch or deletecollection selects. Throws 400 for invalid selectors. */
export function selectionOf({ type, query, namespace }: ResourceRequest): (stored: JsonObject) => boolean {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const terms = parseFieldSelector(query.get('fieldSelector') ?? '');
  const fields = fieldMatcher(terms, type.selectable);
  return (stored) =>
    (namespace === '' || namespaceOf(stored) === namespace) &&
    labels(stringsAt(stored, 'metadata', 'labels')) &&
    (terms.length === 0 || fields(present(type, stored)));
}

export const isSelective = (query: URLSearchParams): boolean =>
  (query.get('labelSelector') ?? '') !== '' || (query.get('fieldSelector') ?? '') !== '';
