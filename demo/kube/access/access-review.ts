import { type ApiUser, isAllowed } from './access.ts';
import { type Json, type JsonObject, objectAt, textAt } from '../json.ts';

export const reviewPath = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

export const selfPath = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** SelfSubjectReview (`kubectl auth whoami`). */
export const reviewSelf = (user: ApiUser): JsonObject => ({
  kind: 'SelfSubjectReview',
  apiVersion: 'authentication.k8s.io/v1',
  metadata: {},
  status: { userInfo: { username: user.name, groups: [...(user.groups ?? [])] } },
});

/** SelfSubjectAccessReview, by the same rules as the request itself. */
export function reviewAccess(user: ApiUser, body: Json | undefined): JsonObject {
  const spec = objectAt(body, 'spec');
  const asked = objectAt(spec, 'resourceAttributes');
  const subresource = textAt(asked, 'subresource');
  const resource = textAt(asked, 'resource');
  const allowed = isAllowed(user, {
    verb: textAt(asked, 'verb'),
    group: textAt(asked, 'group'),
    resource: subresource === '' ? resource : `${resource}/${subresource}`,
    namespace: textAt(asked, 'namespace'),
    name: textAt(asked, 'name'),
  });
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec,
    status: { allowed, ...(allowed ? {} : { reason: 'no RBAC rule allows it' }) },
  };
}
