import { apiGroup, apiVersion } from '../../reboot/nodes/node-contract.ts';
import { ApiError, isNotFound } from './api-error.ts';
import type { Transport } from './agent-transport.ts';

/** The agent's own NodeAgent object, as far as the agent cares. */
export interface NodeAgent {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Grows with each change of `spec` and with nothing else: the number of the order, so to speak. */
  readonly generation: number | undefined;
  /** The order that stands: the boot to end. */
  readonly endBoot: string | undefined;
  /** A person wants it even while packages are being changed. */
  readonly whilePackagesChange: boolean;
  /** The report as it is stored; somebody else may have written anything there. */
  readonly status: unknown;
}

/**
 * What the agent may ask of the API server: its own object, and whether its node is cordoned. Nothing else.
 */
export interface NodeApi {
  get(signal: AbortSignal): Promise<NodeAgent | undefined>;
  /** Returns the object as it is stored after the write: the order in it is no older than the write. */
  writeStatus(status: unknown, signal: AbortSignal): Promise<NodeAgent>;
  isCordoned(signal: AbortSignal): Promise<boolean>;
  /** Path of the watch on the own object; without a version it begins with the object as it is. */
  watchPath(resourceVersion: string | undefined, timeoutSeconds: number): string;
}

const collection = `/apis/${apiGroup}/${apiVersion}/nodeagents`;

export function createNodeApi({ transport, node }: { transport: Transport; node: string }): NodeApi {
  const path = `${collection}/${encodeURIComponent(node)}`;
  return {
    async get(signal) {
      try {
        return parseNodeAgent(await transport.json({ method: 'GET', path }, signal));
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async writeStatus(status, signal) {
      const patch = { status };
      return parseNodeAgent(await transport.json({ method: 'PATCH', path: `${path}/status`, patch }, signal));
    },
    async isCordoned(signal) {
      const answer = await transport.json(
        { method: 'GET', path: `/api/v1/nodes/${encodeURIComponent(node)}` },
        signal,
      );
      return record(record(answer)['spec'])['unschedulable'] === true;
    },
    watchPath(resourceVersion, timeoutSeconds) {
      const query = new URLSearchParams({
        watch: 'true',
        allowWatchBookmarks: 'true',
        fieldSelector: `metadata.name=${node}`,
        timeoutSeconds: String(timeoutSeconds),
        // 0 begins with what any server has (API concepts, "Semantics for watch"). Without it the newest is
        // asked for, which kube-apiserver 1.36 refuses where its etcd cannot tell how far it is.
        resourceVersion: resourceVersion ?? '0',
      });
      return `${collection}?${query.toString()}`;
    },
  };
}

export function parseNodeAgent(value: unknown): NodeAgent {
  const { metadata, spec, status } = record(value);
  const { uid, resourceVersion, generation } = record(metadata);
  const { endBoot, whilePackagesChange } = record(spec);
  if (typeof uid !== 'string' || typeof resourceVersion !== 'string')
    throw new ApiError('The API server answered something that is no NodeAgent');
  return {
    uid,
    resourceVersion,
    generation: typeof generation === 'number' ? generation : undefined,
    endBoot: typeof endBoot === 'string' && endBoot !== '' ? endBoot : undefined,
    whilePackagesChange: whilePackagesChange === true,
    status,
  };
}

/** The value as an object; an empty one if it is none. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
