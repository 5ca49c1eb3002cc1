import { toCoreEvent, toModernEvent } from '../objects/event-rules.ts';
import { at, type Json, type JsonObject, textAt } from '../json.ts';
import { apiVersionOf, type ResourceType } from '../types/resource-type.ts';
import { badRequest } from '../status-error.ts';

const isModernEvent = (type: ResourceType): boolean => type.group === 'events.k8s.io';

/** A stored object in the requested version. */
export function present(type: ResourceType, stored: JsonObject): JsonObject {
  const shown = isModernEvent(type) ? toModernEvent(stored) : stored;
  if (shown['apiVersion'] === apiVersionOf(type) && shown['kind'] === type.kind) return shown;
  return { ...shown, apiVersion: apiVersionOf(type), kind: type.kind };
}

/**
 * Fields of type MicroTime, whose parser requires six decimals; milliseconds, as Date prints them, are
 * refused.
 */
const microTimes: Readonly<Record<string, readonly string[]>> = {
  Lease: ['spec.acquireTime', 'spec.renewTime'],
  Event: ['eventTime', 'series.lastObservedTime'],
};
const microTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(Z|[+-]\d{2}:\d{2})$/;

/** Checks kind and version of a request's object, and returns it in its stored form. */
export function accept(type: ResourceType, body: Json): JsonObject {
  const version = apiVersionOf(type);
  const sent = { apiVersion: textAt(body, 'apiVersion'), kind: textAt(body, 'kind') };
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw badRequest('the object provided is unrecognized');
  // Built-in types have a default for kind and version; custom objects must have both.
  if (type.custom !== undefined && sent.kind === '')
    throw badRequest("Object 'Kind' is missing in the request");
  const wrongKind = sent.kind !== '' && sent.kind !== type.kind;
  const wrongVersion = sent.apiVersion !== '' && sent.apiVersion !== version;
  if (wrongKind || wrongVersion) {
    const found = `${sent.apiVersion}, Kind=${sent.kind}`;
    throw badRequest(
      `the object provided (${found}) does not match the expected one (${version}, Kind=${type.kind})`,
    );
  }
  const object: JsonObject = { ...(body as JsonObject), apiVersion: version, kind: type.kind };
  checkTimes(type, object);
  return isModernEvent(type) ? toCoreEvent(object) : object;
}

function checkTimes(type: ResourceType, object: JsonObject): void {
  for (const path of type.custom === undefined ? (microTimes[type.kind] ?? []) : []) {
    const value = at(object, ...path.split('.'));
    if (value === undefined || value === null || (typeof value === 'string' && microTime.test(value)))
      continue;
    throw badRequest(
      `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05.000000Z07:00"`,
    );
  }
}
