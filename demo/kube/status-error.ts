import { type Json, type JsonObject } from './json.ts';

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

interface Refusal {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: JsonObject;
}

/** Names of a resource in messages: `deployments.apps` for the resource, `Deployment.apps` for the kind. */
export interface Named {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

const qualified = (word: string, group: string): string => (group === '' ? word : `${word}.${group}`);
const groupOf = (named: Named): JsonObject => (named.group === '' ? {} : { group: named.group });
const detailsOf = (named: Named, name: string): JsonObject => ({
  name,
  ...groupOf(named),
  kind: named.plural,
});

/** An error with the API server's wording, sent as a `Status` object. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: JsonObject;
  readonly code: number;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.code = refusal.code;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: refusal.message,
      ...(refusal.reason === '' ? {} : { reason: refusal.reason }),
      ...(refusal.details === undefined ? {} : { details: refusal.details }),
      code: refusal.code,
    };
  }
}

const refuse = (code: number, reason: string, message: string, details?: JsonObject): StatusError =>
  new StatusError({ code, reason, message, ...(details === undefined ? {} : { details }) });

export const badRequest = (message: string): StatusError => refuse(400, 'BadRequest', message);
export const unauthorized = (): StatusError => refuse(401, 'Unauthorized', 'Unauthorized');

export const notFound = (named: Named, name: string): StatusError =>
  refuse(
    404,
    'NotFound',
    `${qualified(named.plural, named.group)} "${name}" not found`,
    detailsOf(named, name),
  );

export const noSuchResource = (): StatusError =>
  refuse(404, 'NotFound', 'the server could not find the requested resource', {});

export const methodNotAllowed = (): StatusError =>
  refuse(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

/** The type's definition is being deleted. */
export const definitionTerminating = (): StatusError =>
  refuse(405, 'MethodNotAllowed', 'create not allowed while custom resource definition is terminating', {});

export const alreadyExists = (named: Named, name: string): StatusError =>
  refuse(
    409,
    'AlreadyExists',
    `${qualified(named.plural, named.group)} "${name}" already exists`,
    detailsOf(named, name),
  );

export const conflict = (named: Named, name: string, why: string): StatusError =>
  refuse(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(named.plural, named.group)} "${name}": ${why}`,
    detailsOf(named, name),
  );

/** For deletes and evictions, whose messages name the kind where those of updates name the resource. */
export const preconditionFailed = (named: Named, name: string, why: string): StatusError =>
  refuse(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(named.kind, named.group)} "${name}": ${why}`,
    { name, ...groupOf(named), kind: named.kind },
  );

/** A version above the current one: from another server, or from before a restore. */
export const versionTooLarge = (asked: number, current: number): StatusError =>
  refuse(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

export const staleVersion = (named: Named, name: string): StatusError =>
  conflict(
    named,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );

export function forbidden(
  named: Named,
  name: string,
  why: string,
  causes: readonly Cause[] = [],
): StatusError {
  const what = qualified(named.plural, named.group);
  const message = name === '' ? `${what} is forbidden: ${why}` : `${what} "${name}" is forbidden: ${why}`;
  const details = name === '' ? { ...groupOf(named), kind: named.plural } : detailsOf(named, name);
  return refuse(403, 'Forbidden', message, withCauses(details, causes));
}

export const forbiddenPath = (user: string, verb: string, path: string): StatusError =>
  refuse(403, 'Forbidden', `forbidden: User "${user}" cannot ${verb} path "${path}"`, {});

/** A denial by an admission policy; the code follows from the policy's reason, and is 422 without one. */
export const deniedByPolicy = (named: Named, name: string, why: string): StatusError =>
  refuse(
    403,
    'Forbidden',
    `${qualified(named.plural, named.group)} "${name}" is forbidden: ${why}`,
    withCauses(detailsOf(named, name), [{ reason: '', message: why }]),
  );

export const gone = (message: string): StatusError => refuse(410, 'Expired', message);

export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  refuse(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

/** The response to a patch that cannot be applied (usually a failed `test`), without details. */
export const patchRejected = (): StatusError =>
  refuse(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

export const internalError = (message: string): StatusError =>
  refuse(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });

export const plainFailure = (code: number, message: string): StatusError => refuse(code, '', message);

export function tooManyRequests(
  message: string,
  retryAfterSeconds: number,
  causes: readonly Cause[],
): StatusError {
  const seconds: JsonObject = retryAfterSeconds > 0 ? { retryAfterSeconds } : {};
  return refuse(429, 'TooManyRequests', message, withCauses(seconds, causes));
}

export interface FieldError {
  readonly field: string;
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueTypeInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany';
  /** Without the field's name, as in the causes: `Required value`. */
  readonly message: string;
}

export function invalid(named: Named, name: string, errors: readonly FieldError[]): StatusError {
  const sentences = errors.map((error) => `${error.field}: ${error.message}`);
  const [only] = sentences;
  const all = sentences.length === 1 && only !== undefined ? only : `[${sentences.join(', ')}]`;
  const details = { ...(name === '' ? {} : { name }), ...groupOf(named), kind: named.kind };
  return refuse(
    422,
    'Invalid',
    `${qualified(named.kind, named.group)} "${name}" is invalid: ${all}`,
    withCauses(details, errors),
  );
}

function withCauses(details: JsonObject, causes: readonly Cause[]): JsonObject {
  if (causes.length === 0) return details;
  const listed: Json[] = causes.map(({ reason, message, field }) => ({
    ...(reason === '' ? {} : { reason }),
    message,
    ...(field === undefined ? {} : { field }),
  }));
  return { ...details, causes: listed };
}
