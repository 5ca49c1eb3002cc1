import { at, type Json, type JsonObject, listAt, sameJson, stringsAt, textAt } from '../json.ts';
import { generationOf, inSeconds, nameOf, versionOf, withMetadata } from './object.ts';
import { type ResourceType } from '../types/resource-type.ts';
import { type FieldError } from '../status-error.ts';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const labelPattern = new RegExp(`^${label}$`);
const subdomainPattern = new RegExp(String.raw`^${label}(\.${label})*$`);
const labelKeyPattern = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValuePattern = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

/** The API's limit for the total size of an object's annotations. */
const annotationBytes = 256 * 1024;

/** The alphabet of generated names: no vowels, so that no words result, and no similar characters. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

export const randomSuffix = (random: () => number): string =>
  Array.from({ length: 5 }, () => alphabet[Math.floor(random() * alphabet.length)] ?? 'b').join('');

const invalidValue = (field: string, value: string, why: string): FieldError => ({
  field,
  reason: 'FieldValueInvalid',
  message: `Invalid value: "${value}": ${why}`,
});

function checkName(type: ResourceType, name: string): readonly FieldError[] {
  const required = 'Required value: name or generateName is required';
  if (name === '') return [{ field: 'metadata.name', reason: 'FieldValueRequired', message: required }];
  const isLabel = type.kind === 'Namespace';
  const fits = isLabel
    ? name.length <= 63 && labelPattern.test(name)
    : name.length <= 253 && subdomainPattern.test(name);
  return fits ? [] : [invalidValue('metadata.name', name, isLabel ? labelRule : subdomainRule)];
}

export function checkMetadata(type: ResourceType, object: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [...checkName(type, nameOf(object))];
  for (const [key, value] of Object.entries(stringsAt(object, 'metadata', 'labels'))) {
    if (!labelKeyPattern.test(key))
      errors.push(invalidValue('metadata.labels', key, 'name part must consist of alphanumeric characters'));
    if (!labelValuePattern.test(value))
      errors.push(
        invalidValue(
          'metadata.labels',
          value,
          'a valid label must be an empty string or consist of alphanumeric characters',
        ),
      );
  }
  const annotations = Object.entries(stringsAt(object, 'metadata', 'annotations'));
  const bytes = annotations.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  if (bytes > annotationBytes) {
    errors.push({
      field: 'metadata.annotations',
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${annotationBytes} bytes`,
    });
  }
  for (const [index, owner] of listAt(object, 'metadata', 'ownerReferences').entries()) {
    for (const key of ['apiVersion', 'kind', 'name', 'uid']) {
      if (textAt(owner, key) !== '') continue;
      errors.push({
        field: `metadata.ownerReferences[${index}].${key}`,
        reason: 'FieldValueInvalid',
        message: 'Invalid value: "": must not be empty',
      });
    }
  }
  return errors;
}

interface Creation {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly now: number;
}

/**
 * The only part of managedFields that is needed: it distinguishes a pod that was created with its node from a
 * bound one, since a binding makes nobody the owner of `spec.nodeName`.
 */
function fieldOwners(type: ResourceType, object: JsonObject, now: number): Json | undefined {
  if (type.kind !== 'Pod' || textAt(object, 'spec', 'nodeName') === '') return undefined;
  const fieldsV1 = { 'f:spec': { 'f:nodeName': {} } };
  const time = inSeconds(now);
  return [{ manager: 'demo', operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1 }];
}

/** Sets the fields that the server determines for a new object, whatever the client sent. */
export function stampNew(type: ResourceType, object: JsonObject, creation: Creation): JsonObject {
  return withMetadata(object, {
    name: creation.name,
    namespace: type.namespaced ? creation.namespace : undefined,
    uid: creation.uid,
    creationTimestamp: inSeconds(creation.now),
    generation: type.counted ? 1 : undefined,
    resourceVersion: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    managedFields: fieldOwners(type, object, creation.now),
    selfLink: undefined,
  });
}

/** Changes to server-owned fields are ignored; those of the identity are refused elsewhere. */
export function keepServerFields(candidate: JsonObject, current: JsonObject): JsonObject {
  const kept = [
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
    'namespace',
  ];
  const metadata = Object.fromEntries(kept.map((key) => [key, at(current, 'metadata', key)]));
  return withMetadata(candidate, {
    ...metadata,
    resourceVersion: versionOf(current),
    managedFields: at(current, 'metadata', 'managedFields'),
  });
}

/** The generation counts changes of everything except metadata and status. */
export function countGeneration(type: ResourceType, candidate: JsonObject, current: JsonObject): JsonObject {
  if (!type.counted || sameJson(wish(candidate), wish(current))) return candidate;
  return withMetadata(candidate, { generation: generationOf(current) + 1 });
}

function wish(object: JsonObject): JsonObject {
  const { metadata: _metadata, status: _status, ...rest } = object;
  return rest;
}
