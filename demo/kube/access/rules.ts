import {
  at,
  having,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  sameJson,
  stringsAt,
  textAt,
} from '../json.ts';
import { checkDefinition } from '../types/custom-types.ts';
import { eventErrors } from '../objects/event-rules.ts';
import { isEmptySelector, readLabelSelector } from '../lists/selectors.ts';
import { type FieldError } from '../status-error.ts';

type Rule = (object: JsonObject, previous: JsonObject | undefined) => readonly FieldError[];

const required = (field: string): FieldError => ({
  field,
  reason: 'FieldValueRequired',
  message: 'Required value',
});
const immutable = (field: string): FieldError => ({
  field,
  reason: 'FieldValueInvalid',
  message: 'Invalid value: field is immutable',
});
const forbids = (field: string, why: string): FieldError => ({
  field,
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
});

/** The few fields of a running pod's spec that an update may change. */
const podUpdate =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function frozenPodSpec(object: JsonObject): JsonObject {
  const withoutImage = (container: Json): Json =>
    container === null ? container : having(objectAt(container), 'image', undefined);
  const spec = objectAt(object, 'spec');
  const containers = listAt(spec, 'containers').map(withoutImage);
  return having(
    having({ ...spec, containers }, 'tolerations', undefined),
    'activeDeadlineSeconds',
    undefined,
  );
}

const pod: Rule = (object, previous) => {
  if (previous !== undefined) {
    return sameJson(frozenPodSpec(object), frozenPodSpec(previous)) ? [] : [forbids('spec', podUpdate)];
  }
  const containers = listAt(object, 'spec', 'containers');
  if (containers.length === 0) return [required('spec.containers')];
  return containers.flatMap((container, index) =>
    ['name', 'image']
      .filter((key) => textAt(container, key) === '')
      .map((key) => required(`spec.containers[${index}].${key}`)),
  );
};

/**
 * The API refuses a selector that does not match the pod template: its controller would create pods without
 * end.
 */
const workload: Rule = (object, previous) => {
  const selector = at(object, 'spec', 'selector');
  if (selector === undefined) return [required('spec.selector')];
  if (previous !== undefined && !sameJson(selector, at(previous, 'spec', 'selector')))
    return [immutable('spec.selector')];
  if (isEmptySelector(selector)) {
    const message = `Invalid value: {}: empty selector is invalid for ${textAt(object, 'kind').toLowerCase()}`;
    return [{ field: 'spec.selector', reason: 'FieldValueInvalid', message }];
  }
  if (readLabelSelector(selector)(stringsAt(object, 'spec', 'template', 'metadata', 'labels'))) return [];
  const labels = JSON.stringify(stringsAt(object, 'spec', 'template', 'metadata', 'labels'));
  return [
    {
      field: 'spec.template.metadata.labels',
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${labels}: \`selector\` does not match template \`labels\``,
    },
  ];
};

const budget: Rule = (object) => {
  const negative = ['minAvailable', 'maxUnavailable'].filter(
    (field) => (numberAt(object, 'spec', field) ?? 0) < 0,
  );
  if (negative.length > 0)
    return negative.map((field) => ({
      field: `spec.${field}`,
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${numberAt(object, 'spec', field) ?? 0}: must be greater than or equal to 0`,
    }));
  const both =
    at(object, 'spec', 'minAvailable') !== undefined && at(object, 'spec', 'maxUnavailable') !== undefined;
  return both
    ? [
        {
          field: 'spec',
          reason: 'FieldValueInvalid',
          message: 'Invalid value: minAvailable and maxUnavailable cannot be both set',
        },
      ]
    : [];
};

/** The API's limit for the total size of the values. */
const configMapBytes = 1_048_576;

const configMap: Rule = (object, previous) => {
  const values = Object.values(stringsAt(object, 'data'));
  if (values.reduce((sum, value) => sum + Buffer.byteLength(value), 0) > configMapBytes)
    return [
      {
        field: '',
        reason: 'FieldValueTooLong',
        message: `Too long: may not be more than ${configMapBytes} bytes`,
      },
    ];
  if (previous === undefined || at(previous, 'immutable') !== true) return [];
  if (at(object, 'immutable') !== true)
    return [forbids('immutable', 'field is immutable when `immutable` is set')];
  return sameJson(at(object, 'data'), at(previous, 'data'))
    ? []
    : [forbids('data', 'field is immutable when `immutable` is set')];
};

const lease: Rule = (object) => {
  const duration = numberAt(object, 'spec', 'leaseDurationSeconds') ?? 1;
  if (duration > 0) return [];
  return [
    {
      field: 'spec.leaseDurationSeconds',
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${duration}: must be greater than 0`,
    },
  ];
};

/** `spec.providerID` is immutable once it is set. */
const node: Rule = (object, previous) => {
  const before = textAt(previous, 'spec', 'providerID');
  return before !== '' && before !== textAt(object, 'spec', 'providerID')
    ? [forbids('spec.providerID', 'node updates may not change providerID except from "" to valid')]
    : [];
};

const rules: Readonly<Record<string, Rule>> = {
  Pod: pod,
  Node: node,
  ConfigMap: configMap,
  Deployment: workload,
  ReplicaSet: workload,
  DaemonSet: workload,
  StatefulSet: workload,
  PodDisruptionBudget: budget,
  Lease: lease,
  Event: eventErrors,
  CustomResourceDefinition: (object) => checkDefinition(object),
};

/** The validation of built-in types, beyond that of metadata. */
export const checkBuiltin = (
  kind: string,
  object: JsonObject,
  previous: JsonObject | undefined,
): readonly FieldError[] => rules[kind]?.(object, previous) ?? [];
