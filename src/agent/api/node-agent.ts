import { apiGroup, apiVersion } from '../../reboot/nodes/node-contract.ts';
import { ApiError, isNotFound } from './api-error.ts';
import type { AgentTransport } from './agent-transport.ts';

/** The agent's own NodeAgent object: the fields that the agent uses. */
export interface NodeAgent {
  readonly uid: string;
  /** The Node that owns it; its name is the object's name. Undefined until the bot has written its UID. */
  readonly node: { readonly name: string; readonly uid: string } | undefined;
  readonly resourceVersion: string;
  /** Incremented by each change of `spec` and by nothing else. It identifies the order. */
  readonly generation: number | undefined;
  /** The standing order: the ID of the boot that is to end. */
  readonly endBoot: string | undefined;
  /** Set when a person ordered the reboot although packages are being changed. */
  readonly whilePackagesChange: boolean;
  /** The stored report. Not trusted: other clients may have written to it. */
  readonly status: unknown;
}

/** Every call of the agent to the API server: its own object, and whether its node is cordoned. */
export interface NodeApi {
  get(signal: AbortSignal): Promise<NodeAgent | undefined>;
  /** Returns the stored object after the write. Its order is at least as recent as the write. */
  writeStatus(status: unknown, signal: AbortSignal): Promise<NodeAgent>;
  isCordoned(signal: AbortSignal): Promise<boolean>;
  /**
   * Path of the watch on the agent's own object. Without a version the watch begins with the current object.
   */
  watchPath(resourceVersion: string | undefined, timeoutSeconds: number): string;
}

const collection = `/apis/${apiGroup}/${apiVersion}/nodeagents`;

export function createNodeApi({ transport, node }: { transport: AgentTransport; node: string }): NodeApi {
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
        // 0 means any version that the server has in its cache (API concepts, "Semantics for watch"). An
        // unset version means the most recent one, which kube-apiserver 1.36 refuses if its etcd cannot
        // report progress.
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
    node: ownerOf(record(metadata)),
    resourceVersion,
    generation: typeof generation === 'number' ? generation : undefined,
    endBoot: typeof endBoot === 'string' && endBoot !== '' ? endBoot : undefined,
    whilePackagesChange: whilePackagesChange === true,
    status,
  };
}

function ownerOf({ name, ownerReferences }: Readonly<Record<string, unknown>>): NodeAgent['node'] {
  const { uid } = record(Array.isArray(ownerReferences) ? ownerReferences[0] : undefined);
  return typeof name === 'string' && typeof uid === 'string' ? { name, uid } : undefined;
}

/** The value as an object; an empty object if it is not one. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
