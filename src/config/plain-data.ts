import { found, pathText, type Problem, tooDeep } from './checks/problems.ts';

export type PlainData =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Levels and entries. No real configuration comes near these bounds; they limit the time of everything that
 * runs for each entry.
 */
const deepest = 30;
const mostEntries = 1000;

class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * Plain data with merge keys (`<<: *name`) resolved, as by the chart's parser. Refused if it is circular, too
 * deep or too long.
 */
export function plainData(root: unknown): PlainData {
  try {
    return { ok: true, data: walker()(root, []).value };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.problem };
    throw error;
  }
}

type Path = readonly (string | number)[];

interface Done {
  readonly value: unknown;
  readonly height: number;
}

type Walk = (value: unknown, path: Path) => Done;

/** Nodes that several aliases share are visited once: nested aliases would otherwise grow exponentially. */
function walker(): Walk {
  const done = new Map<object, Done>();
  const open = new Set<object>();
  const walk: Walk = (value, path) => {
    if (typeof value !== 'object' || value === null) return { value, height: 0 };
    const known = done.get(value);
    if (known && path.length + known.height <= deepest) return known;
    if (open.has(value)) throw new Refused(circular(path));
    if (path.length >= deepest) throw new Refused(tooDeep(pathText(path.slice(0, 3))));
    const size = Array.isArray(value) ? value.length : Object.keys(value).length;
    if (size > mostEntries) throw new Refused(tooMany(path, size));
    open.add(value);
    const made = Array.isArray(value) ? list(value, path, walk) : mapping(value, path, walk);
    open.delete(value);
    done.set(value, made);
    return made;
  };
  return walk;
}

const circular = (path: Path): Problem => ({
  path: pathText(path),
  message: 'The alias here stands for something that holds it. Write out what is meant.',
});

const tooMany = (path: Path, size: number): Problem => ({
  path: pathText(path),
  message: `Found ${size} entries. Write at most ${mostEntries}.`,
});

const above = (parts: readonly Done[]): number =>
  1 + parts.reduce((most, { height }) => Math.max(most, height), 0);

function list(items: readonly unknown[], path: Path, walk: Walk): Done {
  const parts = items.map((item, index) => walk(item, [...path, index]));
  return { value: parts.map(({ value }) => value), height: above(parts) };
}

function mapping(value: object, path: Path, walk: Walk): Done {
  const own = Object.entries(value).filter(([key]) => key !== '<<');
  const parts = own.map(([key, inner]) => ({ key, ...walk(inner, [...path, key]) }));
  const merged = '<<' in value ? sources(value['<<'], [...path, '<<'], walk) : [];
  // Of several merge sources the first that has a key wins; explicit keys win over all.
  const entries = [
    ...merged.toReversed().flatMap((source) => Object.entries(source.value as object)),
    ...parts.map((part) => [part.key, part.value] as const),
  ];
  return { value: Object.fromEntries(entries), height: above([...merged, ...parts]) };
}

function sources(value: unknown, path: Path, walk: Walk): readonly Done[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.map((source) => {
    if (typeof source === 'object' && source !== null && !Array.isArray(source)) return walk(source, path);
    const message = `${found(source)} A merge key takes a mapping, or a list of mappings, such as *name.`;
    throw new Refused({ path: pathText(path), message });
  });
}
