import {
  at,
  isArray,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  stringsAt,
  textAt,
} from '../json.ts';
import { conditionStatus, isTerminating, nameOf, namespaceOf } from '../objects/object.ts';
import { type PrinterColumn, type ResourceType } from '../types/resource-type.ts';

/** kubectl requests tables by the Accept header. */
export const wantsTable = (accept: string): boolean => accept.split(',')[0]?.includes('as=Table') ?? false;

type Cell = readonly [column: string, read: (object: JsonObject) => Json, type?: string];

const text =
  (...path: readonly string[]) =>
  (object: JsonObject): Json =>
    textAt(object, ...path);
const number =
  (...path: readonly string[]) =>
  (object: JsonObject): Json =>
    numberAt(object, ...path) ?? 0;

function nodeStatus(node: JsonObject): Json {
  const ready = conditionStatus(node, 'Ready') === 'True' ? 'Ready' : 'NotReady';
  return at(node, 'spec', 'unschedulable') === true ? `${ready},SchedulingDisabled` : ready;
}

function nodeRoles(node: JsonObject): Json {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(stringsAt(node, 'metadata', 'labels')).filter((key) => key.startsWith(prefix));
  return roles.map((key) => key.slice(prefix.length)).join(',') || '<none>';
}

function readyContainers(pod: JsonObject): Json {
  const ready = listAt(pod, 'status', 'containerStatuses').filter((status) => at(status, 'ready') === true);
  return `${ready.length}/${listAt(pod, 'spec', 'containers').length}`;
}

const restarts = (pod: JsonObject): Json =>
  listAt(pod, 'status', 'containerStatuses').reduce(
    (sum: number, status) => sum + (numberAt(status, 'restartCount') ?? 0),
    0,
  );

const limit =
  (field: string) =>
  (budget: JsonObject): Json => {
    const value = at(budget, 'spec', field);
    return typeof value === 'number' || typeof value === 'string' ? String(value) : 'N/A';
  };

const replicas: readonly Cell[] = [
  [
    'Ready',
    (object) =>
      `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 0}`,
  ],
  ['Available', number('status', 'availableReplicas'), 'integer'],
];

const cells: Readonly<Record<string, readonly Cell[]>> = {
  Node: [
    ['Status', nodeStatus],
    ['Roles', nodeRoles],
    ['Version', text('status', 'nodeInfo', 'kubeletVersion')],
    ['Kernel-Version', text('status', 'nodeInfo', 'kernelVersion')],
  ],
  Pod: [
    ['Ready', readyContainers],
    ['Status', (pod) => (isTerminating(pod) ? 'Terminating' : textAt(pod, 'status', 'phase'))],
    ['Restarts', restarts, 'integer'],
    ['Node', (pod) => textAt(pod, 'spec', 'nodeName') || '<none>'],
  ],
  Deployment: replicas,
  StatefulSet: replicas,
  DaemonSet: [
    ['Desired', number('status', 'desiredNumberScheduled'), 'integer'],
    ['Ready', number('status', 'numberReady'), 'integer'],
  ],
  PodDisruptionBudget: [
    ['Min Available', limit('minAvailable')],
    ['Max Unavailable', limit('maxUnavailable')],
    ['Allowed Disruptions', number('status', 'disruptionsAllowed'), 'integer'],
  ],
  Namespace: [['Status', text('status', 'phase')]],
  Event: [
    ['Type', text('type')],
    ['Reason', text('reason')],
    [
      'Object',
      (event) =>
        `${textAt(event, 'involvedObject', 'kind').toLowerCase()}/${textAt(event, 'involvedObject', 'name')}`,
    ],
    ['Message', text('message')],
  ],
};

/** The JSONPath subset of printer columns: dots, quoted keys and indexes; `[?(@.type=="Ready")]` filters. */
export function pathValue(object: Json, path: string): Json | undefined {
  const steps = path.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]|\[\?\(@\.(\w+)==["']([^"']*)["']\)\]/g);
  let here: Json | undefined = object;
  for (const [, field, index, quoted, key, wanted] of steps) {
    if (key !== undefined)
      here = isArray(here) ? here.find((item) => textAt(item, key) === wanted) : undefined;
    else if (index !== undefined) here = isArray(here) ? here[Number(index)] : undefined;
    else here = at(here, field ?? quoted ?? '');
  }
  return here;
}

function customCell(column: PrinterColumn, now: number): Cell {
  const read = (object: JsonObject): Json => {
    const value = pathValue(object, column.jsonPath);
    if (column.type === 'date') return typeof value === 'string' ? age(value, now) : '';
    return value === undefined || typeof value === 'object'
      ? value === undefined
        ? ''
        : JSON.stringify(value)
      : value;
  };
  return [column.name, read, column.type === 'date' ? 'string' : column.type];
}

/** The time since, in its largest units, as printed by kubectl. */
export function age(since: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 3 * 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 2 * 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

export function asTable(type: ResourceType, body: JsonObject, now: number): JsonObject {
  const isList = textAt(body, 'kind').endsWith('List');
  const objects = isList ? listAt(body, 'items').map((item) => objectAt(item)) : [body];
  const ageCell: Cell = ['Age', (object) => age(textAt(object, 'metadata', 'creationTimestamp'), now)];
  const own =
    type.custom === undefined
      ? [...(cells[type.kind] ?? []), ageCell]
      : type.custom.columns.map((column) => customCell(column, now));
  const columns: readonly Cell[] = [['Name', nameOf], ...(own.length === 0 ? [ageCell] : own)];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: isList ? objectAt(body, 'metadata') : {},
    columnDefinitions: columns.map(([name, , kind], index) => ({
      name,
      type: kind ?? 'string',
      format: index === 0 ? 'name' : '',
      description: '',
      priority: type.custom?.columns[index - 1]?.priority ?? 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(([, read]) => read(object)),
      object: partial(object),
    })),
  };
}

const partial = (object: JsonObject): JsonObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: {
    ...objectAt(object, 'metadata'),
    ...(namespaceOf(object) === '' ? {} : { namespace: namespaceOf(object) }),
  },
});
