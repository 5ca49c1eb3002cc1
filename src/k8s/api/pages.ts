import { PortError } from '../../reboot/ports/port-error.ts';
import type { KubeClient, Query } from './client.ts';
import { definitionMissing } from './definition-missing.ts';
import { unexpectedStatus } from './kube-status.ts';
import { listAt, textAt } from './json-value.ts';
import type { Path, Received } from './received.ts';

/**
 * kubectl's chunk size. A large cluster's list in one response would be in memory twice, as text and as
 * objects.
 */
const pageSize = 500;
const restarts = 3;

export interface ListRequest<O = unknown> {
  readonly path: Path<O>;
  readonly query?: Query;
  readonly signal?: AbortSignal;
}

export interface Listed<V> {
  readonly items: readonly V[];
  /** The resource version from which a watch can start. */
  readonly version: string;
}

/** Lists page by page and keeps only the result of `reduce` for each object. */
export async function listAll<V, O = unknown>(
  client: KubeClient,
  request: ListRequest<O>,
  reduce: (object: Received<O>) => V | undefined,
): Promise<Listed<V>> {
  for (let restart = 1; ; restart += 1) {
    const listed = await listOnce(client, request, reduce);
    if (listed !== 'expired') return listed;
    if (restart === restarts)
      throw unexpectedStatus(
        { code: 504, reason: 'Expired', message: 'the list expired while it was read', causes: [] },
        `listing ${request.path}`,
      );
  }
}

async function listOnce<V, O>(
  client: KubeClient,
  { path, query, signal }: ListRequest<O>,
  reduce: (object: Received<O>) => V | undefined,
): Promise<Listed<V> | 'expired'> {
  const items: V[] = [];
  const tokens = new Set<string>();
  let token: string | undefined;
  for (;;) {
    const page = { ...query, limit: pageSize, continue: token };
    const answer = await client.send({ method: 'GET', path, query: page, ...(signal ? { signal } : {}) });
    if (!answer.ok) {
      // A continue token expires after some minutes; then the list has to start again (API concepts,
      // "Retrieving large results sets in chunks").
      if (answer.status.code === 410 && token !== undefined) return 'expired';
      throw definitionMissing(answer.status, path) ?? unexpectedStatus(answer.status, `listing ${path}`);
    }
    for (const object of listAt(answer.body, 'items')) {
      const view = reduce(object as Received<O>);
      if (view !== undefined) items.push(view);
    }
    token = textAt(answer.body, 'metadata', 'continue') || undefined;
    if (token === undefined)
      return { items, version: textAt(answer.body, 'metadata', 'resourceVersion') ?? '' };
    // The same pages again and again would fill the memory.
    if (tokens.has(token)) {
      const message = `The list of ${path} does not end: its pages repeat.`;
      throw new PortError('cluster-invalid', message, { retryable: true });
    }
    tokens.add(token);
  }
}
