import { parseDocument } from 'yaml';
import { type Outside, readText } from './outside.ts';
import { problemsBetweenCalendars, problemsBetweenPools } from './pool-problems.ts';
import { type Problem, problemsOf } from './problems.ts';
import { type ConfigFile, configSchema, jsonSchema } from './schema.ts';

/** The configuration file alone; undefined, and `problems` told, when something is wrong with it. Without a path: the defaults. */
export function readConfigFile(
  outside: Pick<Outside, 'readFile'>,
  path: string | undefined,
  problems: Problem[],
): ConfigFile | undefined {
  let input: unknown = {};
  if (path !== undefined) {
    const text = readText(outside, path, (why) =>
      problems.push({ path, message: `The file cannot be read (${why}).` }),
    );
    if (text === undefined) return undefined;
    input = parseYaml(text, problems);
    if (input === undefined) return undefined;
  }
  return checkConfig(input, problems);
}

/** What was read, whatever it was read from; undefined, and `problems` told, when something is wrong with it. */
export function checkConfig(input: unknown, problems: Problem[]): ConfigFile | undefined {
  const parsed = configSchema.safeParse(input);
  const between = [...problemsBetweenPools(input), ...problemsBetweenCalendars(input)];
  problems.push(...(parsed.success ? [] : problemsOf(parsed.error, input, knownKeys())), ...between);
  return parsed.success && between.length === 0 ? parsed.data : undefined;
}

export function parseYaml(text: string, problems: Problem[]): unknown {
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: false });
  const place = (offset: number): string => `line ${text.slice(0, offset).split('\n').length}`;
  for (const { code, message, pos } of document.errors) {
    const said =
      code === 'MULTIPLE_DOCS' ? 'A second document begins here. One file is one document' : message;
    problems.push({ path: place(pos[0]), message: sentence(said) });
  }
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS() ?? {};
  } catch (error) {
    // Aliases that lead nowhere, or that would grow without end.
    problems.push({
      path: '(the file)',
      message: sentence(error instanceof Error ? error.message : 'No YAML.'),
    });
    return undefined;
  }
}

const sentence = (message: string): string => `${(message.split('\n')[0] ?? message).replace(/[.:]$/, '')}.`;

/** Every setting's name, for "Did you mean". */
function knownKeys(): readonly string[] {
  const names = new Set<string>();
  const collect = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('properties' in node && typeof node.properties === 'object' && node.properties !== null) {
      for (const name of Object.keys(node.properties)) names.add(name);
    }
    Object.values(node).forEach(collect);
  };
  collect(jsonSchema());
  return [...names];
}
