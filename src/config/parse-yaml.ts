import { type Document, isScalar, parseDocument, visit } from 'yaml';
import { plainData } from './plain-data.ts';
import { type Problem, tooDeep } from './checks/problems.ts';

/** Further errors add nothing, and each costs a search for its line. */
const mostSyntaxErrors = 20;

/**
 * The data of a single YAML document, with its merge keys resolved. Returns undefined and adds to `problems`
 * if it is invalid.
 */
export function parseYaml(text: string, problems: Problem[]): unknown {
  try {
    return parsed(text, problems);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.push(tooDeep('(the file)'));
    return undefined;
  }
}

function parsed(text: string, problems: Problem[]): unknown {
  // The parser's own check compares each key of a mapping with every key before it.
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' });
  // The parser reports a stack overflow as an error of the document.
  if (document.errors.some(({ message }) => message.includes('call stack'))) throw new RangeError();
  const errors = document.errors.map(({ code, message, pos }) => ({
    offset: pos[0],
    message: code === 'MULTIPLE_DOCS' ? 'A second document begins here. One file is one document' : message,
  }));
  const wrong = [...errors, ...repeatedKeys(document)].slice(0, mostSyntaxErrors);
  for (const { offset, message } of wrong) {
    const line = text.slice(0, offset).split('\n').length;
    problems.push({ path: `line ${line}`, message: sentence(message) });
  }
  return wrong.length > 0 ? undefined : dataOf(document, problems);
}

function dataOf(document: Document, problems: Problem[]): unknown {
  let data: unknown;
  try {
    data = document.toJS() ?? {};
  } catch (error) {
    if (error instanceof RangeError) throw error;
    // Aliases without an anchor, or that would expand without bound.
    const message = sentence(error instanceof Error ? error.message : 'No YAML.');
    problems.push({ path: '(the file)', message });
    return undefined;
  }
  const plain = plainData(data);
  if (plain.ok) return plain.data;
  problems.push(plain.problem);
  return undefined;
}

interface LocatedProblem {
  readonly offset: number;
  readonly message: string;
}

function repeatedKeys(document: Document): readonly LocatedProblem[] {
  const repeated: LocatedProblem[] = [];
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name))
          repeated.push({ offset: key.range?.[0] ?? 0, message: 'Map keys must be unique' });
        seen.add(name);
      }
    },
  });
  return repeated;
}

const sentence = (message: string): string => `${(message.split('\n')[0] ?? message).replace(/[.:]$/, '')}.`;
