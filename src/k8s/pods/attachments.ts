import type { ReflectorDeps } from '../api/reflector.ts';
import { createReflector, type Reflector } from '../api/reflector.ts';
import { bodyOrThrow } from '../api/client.ts';
import { listAt, textAt } from '../api/json-value.ts';
import { paths } from '../api/paths.ts';

/** A volume that the cluster holds attached to the node of a drain. */
export interface Attachment {
  /** Of the PersistentVolume. */
  readonly volume: string;
  /** `namespace/name` of the claim that it is bound to. */
  readonly claim: string;
}

export interface Attachments {
  /** What is attached now and can be attached to one node only: what hinders its pod elsewhere. */
  current(): Promise<readonly Attachment[]>;
  stop(): Promise<void>;
}

/** Volumes that several nodes may have at once do not hinder anybody (PersistentVolume, accessModes). */
const sharedModes = new Set<unknown>(['ReadWriteMany', 'ReadOnlyMany']);

/**
 * The VolumeAttachments of one node. They cannot be selected by node at the API server, so the watch sees all
 * of the cluster; that is why it runs only while a drain waits for them. A volume that a pod names itself,
 * without a PersistentVolume, cannot be told whose it is: it is left out.
 */
export async function watchAttachments(
  deps: ReflectorDeps,
  node: string,
  { signal, onChange }: { readonly signal: AbortSignal; readonly onChange: () => void },
): Promise<Attachments> {
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const watched: Reflector<string> = createReflector(
    {
      what: 'volume attachments',
      path: paths.volumeAttachments,
      reduce: (attachment) =>
        textAt(attachment, 'spec', 'nodeName') === node
          ? textAt(attachment, 'spec', 'source', 'persistentVolumeName')
          : undefined,
      keyOf: (attachment) => textAt(attachment, 'metadata', 'name') ?? '',
      onChange,
    },
    deps,
  );
  await watched.begin(signal);
  const running = watched.run(both);
  const known = new Map<string, Attachment | undefined>();
  return {
    async current() {
      const volumes = [...new Set(watched.values())];
      const unknown = volumes.filter((volume) => !known.has(volume));
      const looked = await Promise.all(unknown.map((volume) => readVolume(deps, volume)));
      unknown.forEach((volume, index) => known.set(volume, looked[index]));
      return volumes.flatMap((volume) => known.get(volume) ?? []);
    },
    async stop() {
      over.abort();
      await running;
    },
  };
}

async function readVolume({ client }: ReflectorDeps, volume: string): Promise<Attachment | undefined> {
  const answer = await client.send({ method: 'GET', path: paths.volume(volume) });
  if (!answer.ok && answer.status.code === 404) return undefined;
  const object = bodyOrThrow(answer, `reading volume ${volume}`);
  const namespace = textAt(object, 'spec', 'claimRef', 'namespace');
  const name = textAt(object, 'spec', 'claimRef', 'name');
  const isShared = listAt(object, 'spec', 'accessModes').some((mode) => sharedModes.has(mode));
  return isShared || namespace === undefined || name === undefined
    ? undefined
    : { volume, claim: `${namespace}/${name}` };
}
