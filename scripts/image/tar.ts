/** One member of an archive. Independent of the time and the user of the build. */
export type TarEntry =
  | { readonly path: string; readonly kind: 'folder'; readonly mode?: number; readonly owner?: number }
  | {
      readonly path: string;
      readonly kind: 'file';
      readonly content: Uint8Array;
      readonly mode?: number;
      readonly owner?: number;
    }
  | { readonly path: string; readonly kind: 'link'; readonly target: string };

/** In chunks, so that large content is not copied. */
export type Pieces = readonly Uint8Array[];

const blockSize = 512;
const types = { file: '0', link: '2', folder: '5' } as const;

/** A POSIX archive (ustar, IEEE 1003.1): the same bytes for the same entries, in any order. */
export function tar(entries: readonly TarEntry[]): Pieces {
  const pieces: Uint8Array[] = [];
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const content = entry.kind === 'file' ? entry.content : new Uint8Array();
    pieces.push(header(entry, content.length), content, new Uint8Array(padding(content.length)));
  }
  return [...pieces, new Uint8Array(2 * blockSize)];
}

export const sizeOf = (pieces: Pieces): number => pieces.reduce((sum, { length }) => sum + length, 0);

const padding = (length: number): number => (blockSize - (length % blockSize)) % blockSize;

function header(entry: TarEntry, size: number): Uint8Array {
  const block = Buffer.alloc(blockSize);
  const { prefix, name } = split(entry.kind === 'folder' ? `${entry.path}/` : entry.path);
  const owner = 'owner' in entry ? (entry.owner ?? 0) : 0;
  block.write(name, 0, 100);
  block.write(octal(modeOf(entry), 8), 100);
  block.write(octal(owner, 8), 108);
  block.write(octal(owner, 8), 116);
  block.write(octal(size, 12), 124);
  // Modification time: the epoch.
  block.write(octal(0, 12), 136);
  // The checksum is computed with blanks in its own field.
  block.write(' '.repeat(8), 148);
  block.write(types[entry.kind], 156);
  if (entry.kind === 'link') block.write(entry.target, 157, 100);
  block.write('ustar\u000000', 257);
  block.write(prefix, 345, 155);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      7,
    )}\u0000 `,
    148,
  );
  return block;
}

function modeOf(entry: TarEntry): number {
  if (entry.kind === 'link') return 0o777;
  return entry.mode ?? (entry.kind === 'folder' ? 0o755 : 0o644);
}

/** Octal digits with a final NUL, `width` bytes in all. */
const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, '0');

/** Long paths are split at a slash: up to 155 bytes before it, up to 100 after it. */
function split(path: string): { readonly prefix: string; readonly name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path };
  const cut = path.indexOf('/', path.length - 101);
  const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)];
  if (cut < 1 || name === '' || Buffer.byteLength(prefix) > 155)
    throw new Error(`${path} is too long a path for a tar archive`);
  return { prefix, name };
}
