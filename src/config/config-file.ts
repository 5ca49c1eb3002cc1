import { type Outside, readText } from './outside.ts';
import { parseYaml } from './parse-yaml.ts';
import { problemsBetweenCalendars, problemsBetweenPools } from './checks/pool-problems.ts';
import { type Problem, problemsOf } from './checks/problems.ts';
import { type ConfigFile, configSchema, jsonSchema } from './schema/schema.ts';

/**
 * The configuration file alone; undefined, and `problems` told, when something is wrong with it. Without a
 * path: the defaults.
 */
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

/**
 * What was read, whatever it was read from; undefined, and `problems` told, when something is wrong with it.
 */
export function checkConfig(input: unknown, problems: Problem[]): ConfigFile | undefined {
  const parsed = configSchema.safeParse(input);
  const between = [...problemsBetweenPools(input), ...problemsBetweenCalendars(input)];
  const inside = parsed.success ? [] : problemsOf(parsed.error, input, knownKeys());
  // Not spread into a call: a file may have more problems than a call has arguments.
  for (const problem of [...inside, ...between]) problems.push(problem);
  return parsed.success && between.length === 0 ? parsed.data : undefined;
}

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
