/** How the shown lists are written: as JSON, with each pool and each package set named once in a list. */
import { z } from 'zod';
import { type ShownEntry, type ShownList, shownListFields } from './shown-list.ts';

const position = z.int().min(0);

const stored = z.array(
  z.object({
    ...shownListFields,
    pools: z.array(z.string()),
    digests: z.array(z.string()),
    /** Reboot, position of its pool, position of its digest. */
    entries: z.array(z.tuple([z.string(), position, position])),
  }),
);

export const writeLists = (lists: readonly ShownList[]): string =>
  JSON.stringify(
    lists.map(({ entries, ...list }) => {
      const pools = [...new Set(entries.map(({ pool }) => pool))];
      const digests = [...new Set(entries.map(({ digest }) => digest))];
      return {
        ...list,
        pools,
        digests,
        entries: entries.map(({ reboot, pool, digest }) => [
          reboot,
          pools.indexOf(pool),
          digests.indexOf(digest),
        ]),
      };
    }),
  );

/** The lists, or what is wrong with the text. */
export function readLists(text: string): readonly ShownList[] | { readonly problem: string } {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { problem: 'it is no JSON' };
  }
  const parsed = stored.safeParse(content);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
  return parsed.data.map(({ pools, digests, entries, ...list }) => ({
    ...list,
    entries: entries.map(([reboot, pool, digest]): ShownEntry => ({
      reboot,
      pool: pools[pool] ?? '',
      digest: digests[digest] ?? '',
    })),
  }));
}
