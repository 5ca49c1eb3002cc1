import { at, isArray, isObject, type Json, type JsonObject, sameJson, textAt } from '../json.ts';
import { badRequest, patchRejected } from '../status-error.ts';

type Steps = readonly string[];

/**
 * Applies an RFC 6902 patch atomically. Like the server, it reports any failure as one 422 without details.
 */
export function applyJsonPatch(document: Json, patch: Json): Json {
  if (!isArray(patch))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    );
  let result = document;
  for (const operation of patch) {
    if (!isObject(operation)) throw badRequest('error decoding patch: an operation is no object');
    result = applyOperation(result, operation);
  }
  return result;
}

function applyOperation(document: Json, operation: JsonObject): Json {
  const path = parsePointer(textAt(operation, 'path'));
  const value = at(operation, 'value') ?? null;
  switch (textAt(operation, 'op')) {
    case 'test':
      return test(document, path, value);
    case 'add':
      return write(document, path, value, 'add');
    case 'replace':
      return write(document, path, value, 'replace');
    case 'remove':
      return write(document, path, undefined, 'remove');
    case 'copy':
      return write(document, path, existing(document, parsePointer(textAt(operation, 'from'))), 'add');
    case 'move': {
      const from = parsePointer(textAt(operation, 'from'));
      return write(write(document, from, undefined, 'remove'), path, existing(document, from), 'add');
    }
    default:
      throw patchRejected();
  }
}

/** The server's library passes a test of a missing path against null. */
function test(document: Json, path: Steps, value: Json): Json {
  if (!sameJson(read(document, path) ?? null, value)) throw patchRejected();
  return document;
}

function parsePointer(pointer: string): Steps {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw patchRejected();
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: Json, path: Steps): Json | undefined {
  let here: Json | undefined = document;
  for (const step of path) {
    if (isArray(here)) here = here[indexIn(step, here.length - 1)];
    else here = at(here, step);
    if (here === undefined) return undefined;
  }
  return here;
}

function existing(document: Json, path: Steps): Json {
  const found = read(document, path);
  if (found === undefined) throw patchRejected();
  return found;
}

function indexIn(step: string, last: number): number {
  const index = /^(0|[1-9][0-9]*)$/.test(step) ? Number(step) : Number.NaN;
  if (!(index <= last)) throw patchRejected();
  return index;
}

type Change = 'add' | 'replace' | 'remove';

function write(document: Json, path: Steps, value: Json | undefined, change: Change): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value ?? null;
  if (isArray(document)) return writeItem(document, step, rest, { value, change });
  if (!isObject(document)) throw patchRejected();
  const inside = at(document, step);
  if (rest.length > 0) {
    if (inside === undefined) throw patchRejected();
    return { ...document, [step]: write(inside, rest, value, change) };
  }
  if (change !== 'add' && inside === undefined) throw patchRejected();
  if (value !== undefined) return { ...document, [step]: value };
  const { [step]: _removed, ...others } = document;
  return others;
}

interface ItemChange {
  readonly value: Json | undefined;
  readonly change: Change;
}

function writeItem(list: readonly Json[], step: string, rest: Steps, { value, change }: ItemChange): Json {
  const adding = rest.length === 0 && change === 'add';
  const index = adding && step === '-' ? list.length : indexIn(step, adding ? list.length : list.length - 1);
  if (rest.length > 0) return list.with(index, write(list[index] ?? null, rest, value, change));
  if (value === undefined) return list.toSpliced(index, 1);
  return adding ? list.toSpliced(index, 0, value) : list.with(index, value);
}
