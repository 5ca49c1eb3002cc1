/** Makes inputs from others: seeded, so that a run can be repeated. */
export interface Corpus {
  readonly inputs: readonly string[];
  readonly tokens: readonly string[];
}

type Random = () => number;

const pick = <T>(random: Random, from: readonly T[]): T | undefined =>
  from[Math.floor(random() * from.length)];
const upTo = (random: Random, most: number): number => Math.floor(random() * (most + 1));

/** What has broken parsers before. */
const junk: readonly string[] = [
  '',
  '\0',
  '\u2028',
  '\uD800',
  '\u202E',
  '🛟',
  '\r\n',
  '\t',
  '"',
  '\\',
  '<!channel>',
  '`',
  '*',
  '{{',
  '${}',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  '-0',
  '1e309',
  '9007199254740993',
  '-1',
  'NaN',
  'null',
  'true',
  '[]',
  '{}',
  '&a *a',
  '!!js/function',
  '0000-00-00T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  'x'.repeat(300),
  '9'.repeat(400),
];

const values: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  '',
  'x',
  'x'.repeat(5000),
  '\0\uD800',
  [],
  {},
  [[[[]]]],
  { __proto__: null, toString: 'x' },
];

const most = 200_000;

/** One input made from those of the corpus by one to four changes. */
export function mutated(random: Random, corpus: Corpus): string {
  let input = pick(random, corpus.inputs) ?? '';
  for (let left = 1 + upTo(random, 3); left > 0; left -= 1) input = changed(random, input, corpus);
  return input.slice(0, most);
}

function changed(random: Random, input: string, corpus: Corpus): string {
  if (random() < 0.5) {
    const structured = changedJson(random, input, corpus);
    if (structured !== undefined) return structured;
  }
  const at = upTo(random, input.length);
  const length = upTo(random, Math.min(input.length - at, random() < 0.8 ? 12 : 2000));
  const before = input.slice(0, at);
  const part = input.slice(at, at + length);
  const after = input.slice(at + length);
  const word = pick(random, random() < 0.5 && corpus.tokens.length > 0 ? corpus.tokens : junk) ?? '';
  switch (upTo(random, 7)) {
    case 0:
      return before + after;
    case 1:
      return before + word + after;
    case 2:
      return before + word + part + after;
    case 3:
      return before + part.repeat(1 + upTo(random, random() < 0.9 ? 3 : 500)) + after;
    case 4: {
      const other = pick(random, corpus.inputs) ?? '';
      return before + other.slice(upTo(random, other.length));
    }
    case 5:
      return before + String.fromCharCode(upTo(random, random() < 0.7 ? 127 : 65_535)) + after;
    case 6: {
      const lines = input.split('\n');
      const [one, two] = [upTo(random, lines.length - 1), upTo(random, lines.length - 1)];
      [lines[one], lines[two]] = [lines[two] ?? '', lines[one] ?? ''];
      return lines.join('\n');
    }
    default:
      return input.replace(/-?\d+/, String(pick(random, [0, -1, 1, 2 ** 31, 2 ** 53, 1e21, 0.1])));
  }
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesIn(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return found;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    found.push({ holder, key });
    placesIn(holder[key], found);
  }
  return found;
}

/** Undefined if the input is no JSON with fields. */
function changedJson(random: Random, input: string, corpus: Corpus): string | undefined {
  if (!/^\s*[[{]/.test(input)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch {
    return undefined;
  }
  const place = pick(random, placesIn(value));
  if (place === undefined) return undefined;
  const { holder, key } = place;
  const here = holder[key];
  switch (upTo(random, 5)) {
    case 0:
      delete holder[key];
      break;
    case 1:
      holder[key] = structuredClone(pick(random, values));
      break;
    case 2:
      holder[pick(random, [...corpus.tokens, 'toString', 'x']) ?? 'x'] = here;
      break;
    case 3:
      holder[key] = Array.isArray(here)
        ? Array.from({ length: upTo(random, 60) }, () => structuredClone(pick(random, here)))
        : [here, here];
      break;
    case 4: {
      const other = pick(random, placesIn(value));
      if (other) holder[key] = structuredClone(other.holder[other.key]);
      break;
    }
    default:
      holder[key] = typeof here === 'string' ? changed(random, here, { ...corpus, inputs: [here] }) : here;
  }
  return JSON.stringify(value);
}
