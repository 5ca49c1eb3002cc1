import { parseDocument } from 'yaml';
import type { LogLevel } from '../ops/logger.ts';
import type { Policy } from '../reboot/policy.ts';
import { type Variable, type VariableName, variables } from './environment.ts';
import { policyOf } from './policy.ts';
import { problemsBetweenPools } from './pool-problems.ts';
import { ConfigError, type Problem, problemsOf } from './problems.ts';
import { type ConfigFile, configSchema, jsonSchema } from './schema.ts';

export interface Config {
  readonly policy: Policy;
  readonly slack: { readonly botToken: string; readonly appToken: string; readonly apiUrl?: string };
  readonly queueUrl: string;
  readonly kube: { readonly kubeconfig?: string; readonly context?: string; readonly namespace: string };
  readonly own: { readonly pod?: string; readonly node?: string };
  readonly healthPort: number;
  readonly logLevel: LogLevel;
  /** Values that must never be printed. */
  readonly secrets: readonly string[];
}

export interface Outside {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a file; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
}

type Values = Partial<Record<VariableName, string>>;

/** Reads environment and file; throws one ConfigError that names every problem of both. */
export function loadConfig(outside: Outside): Config {
  const problems: Problem[] = [];
  const values = readEnvironment(outside, problems);
  const file = readConfigFile(outside, values.TUGBOOT_CONFIG, problems);
  const channel = file?.channel ?? values.SLACK_CHANNEL;
  if (file && channel === undefined && file.pools.some((pool) => pool.channel === undefined)) {
    problems.push({
      path: 'channel',
      message: 'Nothing is there. Write the id of the Slack channel for the cards here, or in SLACK_CHANNEL.',
    });
  }
  if (problems.length > 0 || !file)
    throw new ConfigError(values.TUGBOOT_CONFIG ?? 'the environment', problems);
  return assemble(values, policyOf(file, channel ?? ''));
}

function assemble(values: Values, policy: Policy): Config {
  const {
    SLACK_API_URL: apiUrl,
    KUBECONFIG: kubeconfig,
    KUBE_CONTEXT: context,
    POD_NAME: pod,
    NODE_NAME: node,
  } = values;
  const namespace = values.POD_NAMESPACE ?? 'tugboot';
  const secretNames = Object.values(variables)
    .filter(({ secret }) => secret)
    .map(({ name }) => name);
  const queueUrl = values.REDIS_URL ?? '';
  return {
    policy,
    slack: {
      botToken: values.SLACK_BOT_TOKEN ?? '',
      appToken: values.SLACK_APP_TOKEN ?? '',
      ...(apiUrl === undefined ? {} : { apiUrl }),
    },
    queueUrl,
    kube: {
      namespace,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    },
    own: {
      ...(pod === undefined ? {} : { pod: `${namespace}/${pod}` }),
      ...(node === undefined ? {} : { node }),
    },
    healthPort: Number(values.HEALTH_PORT),
    logLevel: (values.LOG_LEVEL ?? 'info') as LogLevel,
    secrets: [...secretNames.map((name) => values[name] ?? ''), passwordOf(queueUrl)].filter(
      (secret) => secret !== '' && secret !== variables.REDIS_URL.fallback,
    ),
  };
}

const passwordOf = (address: string): string =>
  URL.canParse(address) ? decodeURIComponent(new URL(address).password) : '';

function readEnvironment(outside: Outside, problems: Problem[]): Values {
  const values: Values = {};
  for (const variable of Object.values(variables)) {
    const value = readVariable(outside, variable, problems);
    if (value !== undefined) values[variable.name] = value;
  }
  return values;
}

function readVariable(
  { env, readFile }: Outside,
  variable: Variable,
  problems: Problem[],
): string | undefined {
  const { name, secret } = variable;
  const value = env[name] || readSecretFile(env[`${name}_FILE`], { name, secret, readFile, problems });
  if (value === undefined) {
    const fromFile = secret && env[`${name}_FILE`] !== undefined;
    if (variable.required && !fromFile)
      problems.push({ path: name, message: `It is not set. ${variable.what}` });
    return variable.fallback;
  }
  const problem = variable.problem(value);
  // What was found may be a secret put into the wrong variable: say what is right, not what is there.
  if (problem !== undefined)
    problems.push({ path: name, message: secret ? problem : `Found "${value}". ${problem}` });
  return value;
}

function readSecretFile(
  path: string | undefined,
  {
    name,
    secret,
    readFile,
    problems,
  }: { name: string; secret: boolean; readFile: Outside['readFile']; problems: Problem[] },
): string | undefined {
  if (path === undefined || path === '' || !secret) return undefined;
  try {
    return readFile(path).trim() || undefined;
  } catch (error) {
    problems.push({ path: `${name}_FILE`, message: `${path} cannot be read (${codeOf(error)}).` });
    return undefined;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';

/** The configuration file alone, as `tugboot check-config FILE` wants it. */
export function readConfigFile(
  { readFile }: Pick<Outside, 'readFile'>,
  path: string | undefined,
  problems: Problem[],
): ConfigFile | undefined {
  let input: unknown = {};
  if (path !== undefined) {
    const text = readText(readFile, path, problems);
    if (text === undefined) return undefined;
    input = parseYaml(text, problems);
    if (input === undefined) return undefined;
  }
  const parsed = configSchema.safeParse(input);
  const between = problemsBetweenPools(input);
  problems.push(...(parsed.success ? [] : problemsOf(parsed.error, input, knownKeys())), ...between);
  return parsed.success && between.length === 0 ? parsed.data : undefined;
}

function readText(readFile: Outside['readFile'], path: string, problems: Problem[]): string | undefined {
  try {
    return readFile(path);
  } catch (error) {
    problems.push({ path, message: `The file cannot be read (${codeOf(error)}).` });
    return undefined;
  }
}

function parseYaml(text: string, problems: Problem[]): unknown {
  const document = parseDocument(text, { uniqueKeys: true });
  for (const { message, linePos } of document.errors) {
    const line = linePos ? `line ${linePos[0].line}` : '(the file)';
    problems.push({ path: line, message: message.split('\n')[0] ?? message });
  }
  return document.errors.length > 0 ? undefined : (document.toJS() ?? {});
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
