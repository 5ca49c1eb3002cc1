import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type ApiUser, checkAccess, checkNodePolicy } from '../access/access.ts';
import { readBody, sendJson } from './answer.ts';
import { bindPod } from '../objects/bind-pod.ts';
import { deleteObject, deletionAnswer, readDeleteOptions } from '../objects/deletes.ts';
import { evictPod } from '../objects/evict-pod.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { listObject, listPage } from '../lists/list.ts';
import { nameOf, namespaceOf } from '../objects/object.ts';
import { patchKind, patchObject } from '../objects/patch.ts';
import { present } from '../lists/representation.ts';
import { type ResourceRequest } from './request.ts';
import { definitionTerminating, invalid, methodNotAllowed, unsupportedMediaType } from '../status-error.ts';
import { keyFor } from '../objects/store.ts';
import { asTable, wantsTable } from '../lists/table.ts';
import { type Watches } from '../watch/watch.ts';
import {
  type Cluster,
  createObject,
  readObject,
  updateObject,
  type WriteOptions,
} from '../objects/writes.ts';

export interface ResourceCall {
  readonly cluster: Cluster;
  readonly watches: Watches;
  readonly user: ApiUser;
  readonly request: ResourceRequest;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
}

/** Authorises a request for objects, and executes it. */
export async function handleResource(call: ResourceCall): Promise<void> {
  const { request, user } = call;
  checkAccess(user, request);
  switch (request.verb) {
    case 'get':
      return sendObjects(call, present(request.type, readObject(call.cluster, request)));
    case 'list':
      return sendObjects(call, listObject(request.type, listPage(call.cluster.store, request)));
    case 'watch':
      return call.watches.open(request, call.response, shapeOf(call));
    default:
      return write(call);
  }
}

function sendObjects(call: ResourceCall, body: JsonObject): void {
  sendJson(call.response, 200, shapeOf(call)(body));
}

/** kubectl requests tables, in lists and in watches. */
function shapeOf({ request, incoming, cluster }: ResourceCall): (body: JsonObject) => JsonObject {
  if (!wantsTable(incoming.headers.accept ?? '')) return (body) => body;
  return (body) => asTable(request.type, body, cluster.now());
}

async function write(call: ResourceCall): Promise<void> {
  const { request, incoming, response, user, cluster } = call;
  const contentType = incoming.headers['content-type'] ?? 'application/json';
  const kind = request.verb === 'patch' ? patchKind(request.type, contentType) : '';
  if (kind === '' && !/^application\/(json|\*)/.test(contentType))
    throw unsupportedMediaType(['application/json']);
  checkDryRun(request);
  const body = await readBody(incoming);
  checkNodePolicy(user, request, isObject(body) ? body : {});
  const answer = carryOut(cluster, request, { kind, body: body ?? null, options: writeOptions(call) });
  sendJson(response, answer.code, answer.body);
}

const optionsOf: Readonly<Record<string, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
};

/** A misspelt value must not turn a dry run into a write. */
function checkDryRun({ query, verb }: ResourceRequest): void {
  const wrong = query.getAll('dryRun').filter((asked) => asked !== '' && asked !== 'All');
  if (wrong.length === 0) return;
  const options = { group: 'meta.k8s.io', plural: 'options', kind: optionsOf[verb] ?? '' };
  const message = `Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"`;
  throw invalid(options, '', [{ field: 'dryRun', reason: 'FieldValueNotSupported', message }]);
}

function writeOptions({ request, response, user }: ResourceCall): WriteOptions {
  const asked = request.query.get('fieldValidation');
  return {
    user: user.name,
    dryRun: request.query.get('dryRun') === 'All',
    fieldValidation: asked === 'Strict' || asked === 'Ignore' ? asked : 'Warn',
    warn: (message) => response.appendHeader('warning', `299 - ${JSON.stringify(message)}`),
  };
}

interface Write {
  readonly kind: string;
  readonly body: Json;
  readonly options: WriteOptions;
}

interface Answer {
  readonly code: number;
  readonly body: JsonObject;
}

function carryOut(cluster: Cluster, request: ResourceRequest, { kind, body, options }: Write): Answer {
  const { type, query } = request;
  const shown = (code: number, object: JsonObject): Answer => ({ code, body: present(type, object) });
  switch (request.verb) {
    case 'create':
      if (request.subresource === 'eviction')
        return { code: 201, body: evictPod(cluster, request, body, query) };
      if (request.subresource === 'binding') return { code: 201, body: bindPod(cluster, request, body) };
      if (type.custom?.terminating === true) throw definitionTerminating();
      // The path of a POST names a collection, not an object.
      if (request.name !== '') throw methodNotAllowed();
      return shown(201, createObject(cluster, request, body, options));
    case 'update':
      return updated(cluster, request, { kind, body, options });
    case 'patch':
      return shown(200, patchObject(cluster, request, { kind, body }, options));
    case 'delete': {
      const deletion = deleteObject(cluster, request, readDeleteOptions(body, query));
      return { code: 200, body: deletionAnswer(type, deletion) };
    }
    default:
      return deleteMany(cluster, request, body);
  }
}

/** A PUT that created the object returns 201. */
function updated(cluster: Cluster, request: ResourceRequest, { body, options }: Write): Answer {
  const isNew =
    cluster.store.get(request.type.storedAs, keyFor(request.namespace, request.name)) === undefined;
  const object = updateObject(cluster, request, body, options);
  return { code: isNew ? 201 : 200, body: present(request.type, object) };
}

function deleteMany(cluster: Cluster, request: ResourceRequest, body: Json): Answer {
  const page = listPage(cluster.store, request);
  const options = readDeleteOptions(body, request.query);
  for (const object of page.objects) {
    deleteObject(cluster, { ...request, name: nameOf(object), namespace: namespaceOf(object) }, options);
  }
  return { code: 200, body: listObject(request.type, page) };
}
