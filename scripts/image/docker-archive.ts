import { createHash } from 'node:crypto';
import { type Pieces, sizeOf, tar, type TarEntry } from './tar.ts';

export interface ImageOptions {
  /** With its tag. */
  readonly name: string;
  readonly architecture: 'amd64' | 'arm64';
  /** From the one that changes least to the one that changes most. Parent folders are added. */
  readonly layers: readonly (readonly TarEntry[])[];
  /** In the format of the OCI image specification. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface Image {
  readonly archive: Pieces;
  readonly size: number;
  /** The id in `docker images --no-trunc`. */
  readonly id: string;
}

/** An image in the format of `docker save`, for `docker load` and `ctr images import`. */
export function dockerArchive({ name, architecture, layers, config }: ImageOptions): Image {
  const archives = layers.map((entries) => withId(tar(withFolders(entries))));
  const description = {
    architecture,
    os: 'linux',
    created: new Date(0).toISOString(),
    config,
    rootfs: { type: 'layers', diff_ids: archives.map(({ id }) => `sha256:${id}`) },
  };
  const described = withId([json(description)]);
  const manifest = [
    {
      Config: `${described.id}.json`,
      RepoTags: [name],
      Layers: archives.map(({ id }) => `${id}.tar`),
    },
  ];
  const archive = tar([
    file('manifest.json', json(manifest)),
    file(`${described.id}.json`, join(described.pieces)),
    ...archives.map(({ id, pieces }) => file(`${id}.tar`, join(pieces))),
  ]);
  return { archive, size: sizeOf(archive), id: `sha256:${described.id}` };
}

interface Identified {
  readonly id: string;
  readonly pieces: Pieces;
}

function withId(pieces: Pieces): Identified {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return { id: hash.digest('hex'), pieces };
}

/** Otherwise the unpacking program would create them, with modes of its own choice. */
function withFolders(entries: readonly TarEntry[]): readonly TarEntry[] {
  const all = new Map<string, TarEntry>();
  for (const { path } of entries) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      all.set(folder, { path: folder, kind: 'folder' });
    }
  }
  for (const entry of entries) all.set(entry.path, entry);
  return [...all.values()];
}

const file = (path: string, content: Uint8Array): TarEntry => ({ path, kind: 'file', content });
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const join = (pieces: Pieces): Uint8Array => Buffer.concat(pieces);
