import { at, isObject, type Json, type JsonObject, listAt, numberAt, objectAt, textAt } from '../json.ts';
import { unknownRules } from './custom-errors.ts';
import { inSeconds, isTerminating } from '../objects/object.ts';
import { type PrinterColumn, type ResourceType, storageName } from './resource-type.ts';
import { type FieldError } from '../status-error.ts';

/** The types of a CustomResourceDefinition: one for each served version. */
export function typesOf(definition: JsonObject): readonly ResourceType[] {
  const names = objectAt(definition, 'spec', 'names');
  const group = textAt(definition, 'spec', 'group');
  const plural = textAt(names, 'plural');
  const kind = textAt(names, 'kind');
  return listAt(definition, 'spec', 'versions')
    .filter((version) => at(version, 'served') === true)
    .map((version) => ({
      group,
      version: textAt(version, 'name'),
      kind,
      plural,
      singular: textAt(names, 'singular') || kind.toLowerCase(),
      shortNames: texts(listAt(names, 'shortNames')),
      categories: texts(listAt(names, 'categories')),
      namespaced: textAt(definition, 'spec', 'scope') === 'Namespaced',
      subresources: isObject(at(version, 'subresources', 'status')) ? ['status'] : [],
      counted: true,
      unconditionalUpdate: false,
      createOnUpdate: false,
      selectable: [
        'metadata.name',
        'metadata.namespace',
        ...listAt(version, 'selectableFields').map(dotPath),
      ],
      storedAs: storageName(group, plural),
      custom: {
        schema: objectAt(version, 'schema', 'openAPIV3Schema'),
        columns: listAt(version, 'additionalPrinterColumns').map(columnOf),
        terminating: isTerminating(definition),
      },
    }));
}

const texts = (items: readonly Json[]): readonly string[] => items.filter((item) => typeof item === 'string');
const dotPath = (field: Json): string => textAt(field, 'jsonPath').replace(/^\./, '');

const columnOf = (column: Json): PrinterColumn => ({
  name: textAt(column, 'name'),
  type: textAt(column, 'type'),
  jsonPath: textAt(column, 'jsonPath'),
  priority: numberAt(column, 'priority') ?? 0,
  description: textAt(column, 'description'),
});

/** The server's validation of a definition. */
export function checkDefinition(definition: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const expected = `${textAt(definition, 'spec', 'names', 'plural')}.${textAt(definition, 'spec', 'group')}`;
  if (textAt(definition, 'metadata', 'name') !== expected) {
    errors.push({
      field: 'metadata.name',
      reason: 'FieldValueInvalid',
      message: `Invalid value: "${textAt(definition, 'metadata', 'name')}": must be spec.names.plural+"."+spec.group`,
    });
  }
  for (const path of ['spec.group', 'spec.scope', 'spec.names.plural', 'spec.names.kind']) {
    if (textAt(definition, ...path.split('.')) === '')
      errors.push({ field: path, reason: 'FieldValueRequired', message: 'Required value' });
  }
  const versions = listAt(definition, 'spec', 'versions');
  if (versions.filter((version) => at(version, 'storage') === true).length !== 1) {
    errors.push({
      field: 'spec.versions',
      reason: 'FieldValueInvalid',
      message: 'Invalid value: must have exactly one version marked as storage version',
    });
  }
  for (const [index, version] of versions.entries()) {
    const schema = at(version, 'schema', 'openAPIV3Schema');
    const field = `spec.versions[${index}].schema.openAPIV3Schema`;
    if (isObject(schema)) errors.push(...unknownRules(schema, field));
    else
      errors.push({
        field,
        reason: 'FieldValueRequired',
        message: 'Required value: schemas are required',
      });
  }
  return errors;
}

const trueSince =
  (now: number) =>
  (type: string, reason: string, message: string): JsonObject => ({
    type,
    status: 'True',
    lastTransitionTime: inSeconds(now),
    reason,
    message,
  });

/** The status of a definition that is being deleted, and still served until its objects are gone. */
export const terminatingStatus = (definition: JsonObject, now: number): JsonObject => ({
  ...objectAt(definition, 'status'),
  conditions: [
    ...listAt(definition, 'status', 'conditions'),
    trueSince(now)(
      'Terminating',
      'InstanceDeletionPending',
      'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    ),
  ],
});

/** The status of a definition that is served, for `kubectl wait --for condition=established`. */
export function establishedStatus(definition: JsonObject, now: number): JsonObject {
  const condition = trueSince(now);
  const stored = listAt(definition, 'spec', 'versions').filter((version) => at(version, 'storage') === true);
  return {
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: objectAt(definition, 'spec', 'names'),
    storedVersions: stored.map((version) => textAt(version, 'name')),
  };
}
