/**
 * The effects of a bot by name: each is a point before and after which it may die. What there is to name
 * comes from what the bot may do (the rules of the chart, the phases of the record), so that a new right or a
 * new phase is a new point.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { JobName } from '../../../src/jobs/job-names.ts';

interface Rule {
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const writing = new Set(['create', 'update', 'patch', 'delete']);
const file = (name: string): string => readFileSync(`charts/tugboot/files/${name}`, 'utf8');

const phases = (): readonly string[] => {
  const found = /enum:\s*(- Pending(?:\s*- [A-Z][A-Za-z]+)+)/.exec(file('crds/reboots.yaml'))?.[1] ?? '';
  return [...found.matchAll(/- (\w+)/g)].flatMap(([, phase]) => phase ?? []);
};

/** What one right can do that is worth a name of its own. */
function variants(point: string): readonly string[] {
  if (point === 'patch reboots/status') return phases().map((phase) => `${point} ${phase}`);
  if (point === 'patch nodes') return [`${point} cordon`, `${point} uncordon`, `${point} marks`];
  if (point === 'patch nodeagents') return [`${point} order`, `${point} withdraw`, `${point} note`];
  return [point];
}

const jobNames: Record<JobName, true> = {
  'reconcile-node': true,
  resync: true,
  plan: true,
  start: true,
  reconcile: true,
  drain: true,
  render: true,
  digest: true,
  spread: true,
  decide: true,
  wait: true,
  cordon: true,
  'check-drain': true,
  reboot: true,
  verify: true,
  uncordon: true,
};

const slackMethods = [
  'chat.postMessage',
  'chat.update',
  'chat.postEphemeral',
  'views.open',
  'views.update',
  'views.publish',
  'response_url',
];

export function allPoints(): readonly string[] {
  const rules = ['bot-rules.yaml', 'bot-namespace-rules.yaml'].flatMap((name) => parse(file(name)) as Rule[]);
  const ofApi = rules.flatMap(({ resources = [], verbs, resourceNames = [''] }) =>
    resources.flatMap((resource) =>
      verbs
        .filter((verb) => writing.has(verb))
        .flatMap((verb) =>
          resourceNames.map((name) => `${verb} ${resource}${name === '' ? '' : ` ${name}`}`),
        ),
    ),
  );
  return [
    ...new Set(ofApi.flatMap(variants)),
    ...slackMethods,
    // Without the name of a step it is for records that cannot be read, which no schedule has yet.
    ...Object.keys(jobNames).flatMap((name) =>
      name === 'reconcile' ? [] : [`add ${name}`, `begin ${name}`],
    ),
  ];
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** The point of a request to the API server; undefined for one that writes nothing. */
export function pointOf(method: string, path: string, body: string | null): string | undefined {
  const verb = verbs[method];
  if (verb === undefined) return undefined;
  const parts = path
    .replace(/\?.*/, '')
    .split('/')
    .slice(path.startsWith('/api/') ? 3 : 4);
  const own = parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts;
  const [resource = '', name = '', subresource = ''] = own;
  const point = `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`;
  if (point === 'patch reboots/status') return phasePoint(point, body);
  if (point === 'patch nodes') return `${point} ${nodeAct(body ?? '')}`;
  if (point === 'patch nodeagents') return `${point} ${agentAct(body ?? '')}`;
  return resource === 'configmaps' && name !== '' ? `${point} ${name}` : point;
}

function phasePoint(point: string, body: string | null): string {
  const phase = /"status":\{"phase":"(\w+)"|"status":\{.*?"phase":"(\w+)"/
    .exec(body ?? '')
    ?.slice(1)
    .find(Boolean);
  return phase === undefined ? point : `${point} ${phase}`;
}

function nodeAct(body: string): string {
  if (body.includes('"op":"add","path":"/spec/unschedulable","value":true')) return 'cordon';
  return body.includes('"path":"/spec/unschedulable","value":false') ? 'uncordon' : 'marks';
}

function agentAct(body: string): string {
  if (body.includes('"path":"/spec","value":{"endBoot"')) return 'order';
  return body.includes('"path":"/spec","value":{}') ? 'withdraw' : 'note';
}
