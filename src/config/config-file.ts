import { type Outside, readText } from './outside.ts';
import { parseYaml } from './parse-yaml.ts';
import { problemsBetweenClusters } from './checks/cluster-problems.ts';
import { type Problem, problemsOf } from './checks/problems.ts';
import { type ConfigFile, configSchema, jsonSchema } from './schema/schema.ts';

/**
 * Reads and checks the configuration file. Returns undefined and adds to `problems` if it is invalid. Without
 * a path: the defaults.
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
 * Checks a parsed configuration, from any source. Returns undefined and adds to `problems` if it is invalid.
 */
export function checkConfig(input: unknown, problems: Problem[]): ConfigFile | undefined {
  const parsed = configSchema.safeParse(input);
  const between = problemsBetweenClusters(input);
  const inside = parsed.success ? [] : problemsOf(parsed.error, input, knownKeys());
  // Not spread into one call: a file may have more problems than a call may have arguments.
  for (const problem of [...inside, ...between]) problems.push(problem);
  return parsed.success && between.length === 0 ? parsed.data : undefined;
}

/** Names of all settings, for "Did you mean". Collected once, since the schema does not change. */
let known: readonly string[] | undefined;
const knownKeys = (): readonly string[] => (known ??= [...namesIn(jsonSchema())]);

function namesIn(node: unknown): ReadonlySet<string> {
  if (typeof node !== 'object' || node === null) return new Set();
  const here =
    'properties' in node && typeof node.properties === 'object' && node.properties !== null
      ? Object.keys(node.properties)
      : [];
  return new Set([...here, ...Object.values(node).flatMap((value) => [...namesIn(value)])]);
}
