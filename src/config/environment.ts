import { redisAddress, severalServers } from '../redis-address.ts';

/**
 * Every environment variable of the bot. .env.example, the help texts and the chart are tested against this
 * list.
 */
export interface Variable {
  readonly name: string;
  readonly what: string;
  readonly required: boolean;
  /** May also be given as a file, by NAME_FILE. Never printed. */
  readonly secret: boolean;
  readonly fallback?: string;
  /** Undefined if the value is valid, else a description of valid values. */
  readonly problem: (value: string) => string | undefined;
}

const any = (): undefined => undefined;

const url = (protocols: readonly string[]) => (value: string) => {
  const right = `It looks like ${protocols[0]}//host:port.`;
  if (!URL.canParse(value)) return right;
  return protocols.includes(new URL(value).protocol) ? undefined : right;
};

const queueUrl = (value: string): string | undefined => {
  if (!severalServers.test(value)) return url(['redis:', 'rediss:', 'postgres:', 'postgresql:'])(value);
  if (redisAddress(value) !== undefined) return undefined;
  return value.includes('+cluster:')
    ? 'It looks like redis+cluster://host:6379,host:6379; a cluster has no numbered databases.'
    : 'It looks like redis+sentinel://host:26379,host:26379/NAME; NAME is what the Sentinels call the primary.';
};

const startsWith = (prefix: string, what: string) => (value: string) =>
  value.startsWith(prefix) ? undefined : `${what} starts with ${prefix}.`;

const oneOf =
  (...values: readonly string[]) =>
  (value: string) =>
    values.includes(value) ? undefined : `It is one of ${values.join(', ')}.`;

const port = (value: string) =>
  /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? undefined : 'It is a port number.';

const optional = { required: false, secret: false } as const;

export const variables = {
  SLACK_BOT_TOKEN: {
    name: 'SLACK_BOT_TOKEN',
    what: 'Bot token of the Slack app.',
    required: true,
    secret: true,
    problem: startsWith('xoxb-', 'A bot token'),
  },
  SLACK_APP_TOKEN: {
    name: 'SLACK_APP_TOKEN',
    what: 'App-level token with connections:write, for Socket Mode.',
    required: true,
    secret: true,
    problem: startsWith('xapp-', 'An app-level token'),
  },
  SLACK_CHANNEL: {
    name: 'SLACK_CHANNEL',
    what: 'Channel id of the cards, where the file names none.',
    ...optional,
    problem: (value) =>
      /^[CG][A-Z0-9]{2,}$/.test(value) ? undefined : 'Channel ids look like C0123ABCD; names do not do.',
  },
  SLACK_API_URL: {
    name: 'SLACK_API_URL',
    what: 'Web API to talk to, for tests and proxies.',
    ...optional,
    problem: url(['https:', 'http:']),
  },
  REDIS_URL: {
    name: 'REDIS_URL',
    what: 'Where the queues live: redis://, redis+sentinel://host,host/NAME or redis+cluster://host,host, with rediss for TLS; or postgres://.',
    required: false,
    secret: true,
    fallback: 'redis://127.0.0.1:6379',
    problem: queueUrl,
  },
  REDIS_SENTINEL_USER: {
    name: 'REDIS_SENTINEL_USER',
    what: 'User of the Sentinels, where they have users.',
    ...optional,
    problem: any,
  },
  REDIS_SENTINEL_PASSWORD: {
    name: 'REDIS_SENTINEL_PASSWORD',
    what: 'Password of the Sentinels, where they have one.',
    required: false,
    secret: true,
    problem: any,
  },
  KUBECONFIG: {
    name: 'KUBECONFIG',
    what: 'Kubeconfig file; inside a cluster the service account is used without it.',
    ...optional,
    problem: any,
  },
  KUBE_CONTEXT: {
    name: 'KUBE_CONTEXT',
    what: 'Context of the kubeconfig; its current one without it.',
    ...optional,
    problem: any,
  },
  TUGBOOT_CONFIG: {
    name: 'TUGBOOT_CONFIG',
    what: 'The configuration file (YAML). Without it: one pool with all nodes, manual approval, nobody may approve.',
    ...optional,
    problem: any,
  },
  POD_NAMESPACE: {
    name: 'POD_NAMESPACE',
    what: 'Namespace of the ledger, and of our own pods.',
    ...optional,
    fallback: 'tugboot',
    problem: any,
  },
  POD_NAME: { name: 'POD_NAME', what: 'Name of our own pod: it is drained last.', ...optional, problem: any },
  NODE_NAME: {
    name: 'NODE_NAME',
    what: 'Node of our own pod: it is rebooted last.',
    ...optional,
    problem: any,
  },
  TUGBOOT_REPLICAS: {
    name: 'TUGBOOT_REPLICAS',
    what: 'How many bots share the app-level token. More connections than that on the token are told of: they take clicks away.',
    ...optional,
    fallback: '1',
    problem: (value) => (/^[1-9]\d?$/.test(value) ? undefined : 'It is a number from 1 to 99.'),
  },
  HEALTH_PORT: {
    name: 'HEALTH_PORT',
    what: 'Port of /livez and /readyz; 0 takes a free one.',
    ...optional,
    fallback: '8081',
    problem: port,
  },
  QUEUE_BOARD: {
    name: 'QUEUE_BOARD',
    what: 'on: HEALTH_PORT shows the queues at /queues, to everybody who reaches it, and changes nothing.',
    ...optional,
    fallback: 'off',
    problem: oneOf('on', 'off'),
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    what: 'Collector of OpenTelemetry that gets a trace of each reboot, as JSON over HTTP. Without it nothing is traced.',
    ...optional,
    problem: url(['http:', 'https:']),
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    name: 'OTEL_EXPORTER_OTLP_HEADERS',
    what: 'Headers for the collector, as name=value,name=value.',
    required: false,
    secret: true,
    problem: (value) =>
      value.split(',').every((pair) => /^\s*[\w-]+=/.test(pair))
        ? undefined
        : 'It looks like name=value,name=value, with values encoded as in an address.',
  },
  OTEL_SERVICE_NAME: {
    name: 'OTEL_SERVICE_NAME',
    what: 'Name of the bot in the traces.',
    ...optional,
    fallback: 'tugboot',
    problem: any,
  },
  LOG_LEVEL: {
    name: 'LOG_LEVEL',
    what: 'debug, info, warn or error.',
    ...optional,
    fallback: 'info',
    problem: oneOf('debug', 'info', 'warn', 'error'),
  },
  TERMINATION_LOG: {
    name: 'TERMINATION_LOG',
    what: 'File for the last words, if it is there: the terminationMessagePath of the container.',
    ...optional,
    fallback: '/dev/termination-log',
    problem: any,
  },
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof variables;
