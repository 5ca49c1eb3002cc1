import { type JsonObject, textAt } from '../json.ts';
import { deniedByPolicy, forbidden, forbiddenPath } from '../status-error.ts';
import { type ResourceRequest } from '../requests/request.ts';

/** An RBAC rule. With `namespaces`, it applies there only, as with a RoleBinding. */
export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly namespaces?: readonly string[];
}

export interface ApiUser {
  readonly name: string;
  readonly groups?: readonly string[];
  /** The node that the user's token is bound to. */
  readonly nodeName?: string;
  /** Absent: all permissions. */
  readonly rules?: readonly PolicyRule[];
}

/** The attributes of a request that RBAC checks. */
export interface Attempt {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

const covers = (allowed: readonly string[] | undefined, value: string): boolean =>
  allowed !== undefined && (allowed.includes('*') || allowed.includes(value));

export function isAllowed(user: ApiUser, attempt: Attempt): boolean {
  if (user.rules === undefined) return true;
  return user.rules.some(
    (rule) =>
      covers(rule.verbs, attempt.verb) &&
      covers(rule.apiGroups, attempt.group) &&
      covers(rule.resources, attempt.resource) &&
      (rule.resourceNames === undefined || rule.resourceNames.includes(attempt.name)) &&
      (rule.namespaces === undefined || rule.namespaces.includes(attempt.namespace)),
  );
}

/** `system:discovery` and `system:public-info-viewer` are bound to all authenticated users. */
const publicPath = /^\/(api|apis|openapi|version|healthz|livez|readyz)(\/|$)/;

export function checkPath(user: ApiUser, path: string): void {
  const granted = user.rules?.some((rule) => covers(rule.nonResourceURLs, path)) ?? true;
  if (!granted && !publicPath.test(path)) throw forbiddenPath(user.name, 'get', path);
}

export function attemptOf({
  verb,
  type,
  namespace,
  name,
  subresource,
  selectedName,
}: ResourceRequest): Attempt {
  const resource = subresource === '' ? type.plural : `${type.plural}/${subresource}`;
  // A list or watch with a field selector for one name is authorised as for that object.
  return { verb, group: type.group, resource, namespace, name: name === '' ? selectedName : name };
}

export function checkAccess(user: ApiUser, request: ResourceRequest): void {
  const attempt = attemptOf(request);
  if (isAllowed(user, attempt)) return;
  const where = attempt.namespace === '' ? 'at the cluster scope' : `in the namespace "${attempt.namespace}"`;
  const why = `User "${user.name}" cannot ${attempt.verb} resource "${attempt.resource}" in API group "${attempt.group}" ${where}`;
  throw forbidden(request.type, attempt.name, why);
}

const writing: ReadonlySet<string> = new Set(['create', 'update', 'patch']);

/**
 * The ValidatingAdmissionPolicy of the chart: an agent's token is bound to a node, and may write the status
 * of that node's NodeAgent only. The messages are the chart's (templates/agent/policy.yaml).
 */
export function checkNodePolicy(user: ApiUser, request: ResourceRequest, body: JsonObject): void {
  if (
    user.nodeName === undefined ||
    request.type.group !== 'tugboot.dev' ||
    request.type.plural !== 'nodeagents'
  )
    return;
  if (!writing.has(request.verb)) return;
  const name = request.name === '' ? textAt(body, 'metadata', 'name') : request.name;
  if (request.subresource === 'status' && name === user.nodeName) return;
  const why =
    name === user.nodeName
      ? 'An agent may write a status, and nothing else.'
      : 'An agent may write the status of the NodeAgent of its own node only.';
  const denied = "ValidatingAdmissionPolicy 'tugboot-agent' with binding 'tugboot-agent' denied request";
  throw deniedByPolicy(request.type, name, `${denied}: ${why}`);
}
