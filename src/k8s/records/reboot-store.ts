import { PortError } from '../../reboot/ports/port-error.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import type { RebootStore } from '../../reboot/ports/stores.ts';
import type { Reboot } from '../../reboot/state/reboot.ts';
import { type Unreadable, unreadableSentence } from '../../reboot/words/unreadable.ts';
import { bodyOrThrow, type KubeClient } from '../api/client.ts';
import { definitionMissing, definitionOutdated } from '../api/definition-missing.ts';
import { at, field, textAt } from '../api/json-value.ts';
import { type KubeStatus, unexpectedStatus } from '../api/kube-status.ts';
import { paths } from '../api/paths.ts';
import type { Reflector } from '../watch/reflector.ts';
import { isNewer } from '../watch/resource-version.ts';
import {
  newRebootObject,
  readReboot,
  type ReadReboot,
  savedRebootPatch,
  storedStatusOf,
} from './reboot-object.ts';

export interface RebootStoreDeps {
  readonly client: KubeClient;
  readonly watched: Pick<Reflector<ReadReboot>, 'get' | 'values' | 'changes' | 'offer'>;
  /** The store adds the names of the Reboots that this process creates. */
  readonly made: Set<string>;
}

/** An unreadable Reboot is not changed, so that a person can repair it. */
export const logUnreadable = (logger: Logger, { name, problem }: Unreadable): void =>
  logger.error('a Reboot cannot be read and is left alone', { reboot: name, problem });

function readOrThrow(object: unknown): Reboot {
  const read = readReboot(object);
  if (read.ok) return read.reboot;
  throw new PortError('reboot-unreadable', unreadableSentence(read), { retryable: false });
}

/**
 * A DNS subdomain, as the API server requires (Kubernetes documentation, "Object Names and IDs"). Names come
 * from annotations of Nodes, which a node's kubelet may write: "" and ".." would read another path of the
 * API.
 */
const isName = (name: string): boolean => name.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name);

function cachedAndParsed({ watched }: RebootStoreDeps, object: unknown): Reboot {
  watched.offer(object);
  return readOrThrow(object);
}

/** The status stored in `version`; `conflict` when the object has another version now. */
async function storedStatus(
  { client, watched }: RebootStoreDeps,
  name: string,
  version: string,
): Promise<unknown> {
  const read = watched.get(name);
  const known = read?.ok === true ? read.reboot : undefined;
  // Of any other record it is not known which fields the object has: the write has to delete those of an
  // earlier version.
  if (read?.ok === true && read.current && known?.version === version) return storedStatusOf(read.reboot);
  if (known !== undefined && isNewer(known.version, version) === true) return 'conflict';
  const answer = await client.send({ method: 'GET', path: paths.reboot(name) });
  if (!answer.ok && answer.status.code === 404) return 'gone';
  const stored = bodyOrThrow(answer, `reading Reboot ${name}`);
  watched.offer(stored);
  const same = textAt(stored, 'metadata', 'resourceVersion') === version;
  return same ? (field(stored, 'status') ?? {}) : 'conflict';
}

/** A choice of the schema without a value of this version (422, `FieldValueNotSupported`). */
const isUnknownValue = ({ code, causes }: KubeStatus): boolean =>
  code === 422 && causes.some(({ reason }) => reason === 'FieldValueNotSupported');

async function patchStatus(
  deps: RebootStoreDeps,
  reboot: Omit<Reboot, 'version' | 'createdAt'>,
  { version, before }: { readonly version: string; readonly before: unknown },
): Promise<Reboot | 'conflict' | 'gone'> {
  const body = savedRebootPatch(reboot, version, before);
  const path = paths.rebootStatus(reboot.name);
  const answer = await deps.client.send({ method: 'PATCH', path, patch: 'merge', body });
  if (answer.ok) {
    const saved = cachedAndParsed(deps, answer.body);
    // Every write has conditions. A field that the definition drops would be written again and again.
    if (field(answer.body, 'status') !== undefined && at(answer.body, 'status', 'conditions') === undefined)
      throw definitionOutdated('reboots');
    return saved;
  }
  if (isUnknownValue(answer.status)) throw definitionOutdated('reboots');
  if (answer.status.code === 404) return 'gone';
  if (answer.status.code === 409) return 'conflict';
  throw unexpectedStatus(answer.status, `saving Reboot ${reboot.name}`);
}

async function read(deps: RebootStoreDeps, name: string): Promise<Reboot | undefined> {
  if (!isName(name)) return undefined;
  const answer = await deps.client.send({ method: 'GET', path: paths.reboot(name) });
  if (!answer.ok && answer.status.code === 404) return undefined;
  return cachedAndParsed(deps, bodyOrThrow(answer, `reading Reboot ${name}`));
}

/**
 * Runs the writes of one name one after another: the next one of this process finds the answer to the last
 * one in the cache, and loses no compare-and-swap to it.
 */
function oneAtATime(): <R>(name: string, write: () => Promise<R>) => Promise<R> {
  const last = new Map<string, Promise<unknown>>();
  return (name, write) => {
    const before = last.get(name) ?? Promise.resolve();
    const current = before.then(write, write);
    last.set(name, current);
    const forget = (): void => {
      if (last.get(name) === current) last.delete(name);
    };
    current.then(forget, forget);
    return current;
  };
}

interface Lists {
  readonly changes: number;
  readonly all: readonly Reboot[];
  readonly unreadable: readonly Unreadable[];
}

/** Made once for a state of the cache: a step asks for them several times, and thousands may wait. */
function listsOf(watched: RebootStoreDeps['watched']): () => Lists {
  let last: Lists | undefined;
  return () => {
    const changes = watched.changes();
    if (last?.changes === changes) return last;
    const all: Reboot[] = [];
    const unreadable: Unreadable[] = [];
    for (const seen of watched.values()) {
      if (seen.ok) all.push(seen.reboot);
      else unreadable.push(seen);
    }
    last = { changes, all, unreadable };
    return last;
  };
}

export function kubeRebootStore(deps: RebootStoreDeps): RebootStore {
  const { client, watched, made } = deps;
  const inTurn = oneAtATime();
  const lists = listsOf(watched);
  return {
    get: (name) => read(deps, name),
    async latest(name) {
      const seen = watched.get(name);
      return seen?.ok ? seen.reboot : read(deps, name);
    },
    all: () => lists().all,
    cached: (name) => {
      const seen = watched.get(name);
      return seen?.ok ? seen.reboot : undefined;
    },
    unreadable: () => lists().unreadable,
    async create(reboot) {
      made.add(reboot.name);
      const answer = await client.send({
        method: 'POST',
        path: paths.reboots,
        body: newRebootObject(reboot),
      });
      if (!answer.ok && answer.status.code === 409) return 'exists';
      const missing = answer.ok ? undefined : definitionMissing(answer.status, paths.reboots);
      if (missing) throw missing;
      const created = bodyOrThrow(answer, `creating Reboot ${reboot.name}`);
      // The API server ignores the status of a creation (API conventions, "Spec and Status"). Without this
      // second write the Reboot reads as Pending.
      const version = textAt(created, 'metadata', 'resourceVersion') ?? '';
      const saved = await patchStatus(deps, reboot, { version, before: {} });
      return saved === 'conflict' || saved === 'gone' ? 'exists' : saved;
    },
    save: (reboot) =>
      inTurn(reboot.name, async () => {
        const before = await storedStatus(deps, reboot.name, reboot.version);
        if (before === 'conflict' || before === 'gone') return before;
        return patchStatus(deps, reboot, { version: reboot.version, before });
      }),
    async remove(name, version) {
      const preconditions = version === undefined ? undefined : { resourceVersion: version };
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
      const answer = await client.send({ method: 'DELETE', path: paths.reboot(name), body });
      // 409: written since `version` was read, so the deletion does not apply.
      const over = answer.ok || answer.status.code === 404 || answer.status.code === 409;
      if (!over) throw unexpectedStatus(answer.status, `deleting Reboot ${name}`);
    },
  };
}
