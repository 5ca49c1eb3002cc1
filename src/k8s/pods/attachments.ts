import { type ReflectorDeps, createReflector, type Reflector } from '../watch/reflector.ts';
import { objectNameOf } from '../api/object-names.ts';
import { paths } from '../api/paths.ts';
import { readObject } from '../api/read-object.ts';

/** A volume that is attached to the drained node, according to the cluster. */
export interface Attachment {
  /** Name of the PersistentVolume. */
  readonly volume: string;
  /** `namespace/name` of the claim that it is bound to. */
  readonly claim: string;
}

export interface Attachments {
  /** The attached volumes that only one node may have at a time: they block the replacement pod elsewhere. */
  current(): Promise<readonly Attachment[]>;
  stop(): Promise<void>;
}

/**
 * Volumes with these modes may be attached to several nodes, and block nothing (PersistentVolume,
 * accessModes).
 */
const sharedModes = new Set(['ReadWriteMany', 'ReadOnlyMany']);

/**
 * The VolumeAttachments of one node. The API server has no field selector for the node, so the watch receives
 * those of the whole cluster; it runs only while a drain waits for them. Inline volumes, without a
 * PersistentVolume, have no claim that names their pod, and are left out.
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
      reduce: ({ spec }) => (spec?.nodeName === node ? spec.source?.persistentVolumeName : undefined),
      keyOf: objectNameOf,
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
      const read = await Promise.all(unknown.map((volume) => readVolume(deps, volume)));
      unknown.forEach((volume, index) => known.set(volume, read[index]));
      return volumes.flatMap((volume) => known.get(volume) ?? []);
    },
    async stop() {
      over.abort();
      await running;
    },
  };
}

async function readVolume({ client }: ReflectorDeps, volume: string): Promise<Attachment | undefined> {
  const spec = (await readObject(client, paths.volume(volume), `reading volume ${volume}`))?.spec;
  const { namespace, name } = spec?.claimRef ?? {};
  const isShared = spec?.accessModes?.some((mode) => sharedModes.has(mode));
  return isShared || namespace === undefined || name === undefined
    ? undefined
    : { volume, claim: `${namespace}/${name}` };
}
