import type { V1ListMeta, V1Node, V1Pod, V1PodDisruptionBudget } from '@kubernetes/client-node';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Received } from '../../../src/k8s/api/received.ts';
import { paths } from '../../../src/k8s/api/paths.ts';
import { listAll } from '../../../src/k8s/api/pages.ts';
import type { KubeClient } from '../../../src/k8s/api/client.ts';

// The compiler checks the types (`npm run types`): vitest does not.
describe('the types of received objects', () => {
  it('have times as text, null included, and no Date', () => {
    expectTypeOf<NonNullable<Received<V1Pod>['metadata']>['deletionTimestamp']>().toEqualTypeOf<
      string | null | undefined
    >();
    type Condition = NonNullable<NonNullable<Received<V1Node>['status']>['conditions']>[number];
    expectTypeOf<Condition['lastTransitionTime']>().toEqualTypeOf<string | null | undefined>();
  });

  it('may lack every field, and keep numbers or text where both are allowed', () => {
    const budget: Received<V1PodDisruptionBudget> = {};
    expect(budget.spec?.selector).toBeUndefined();
    type Spec = NonNullable<Received<V1PodDisruptionBudget>['spec']>;
    expectTypeOf<Spec['minAvailable']>().toEqualTypeOf<string | number | undefined>();
  });

  it('have the names of the wire', () => {
    expectTypeOf<Received<V1ListMeta>['continue']>().toEqualTypeOf<string | undefined>();
  });

  it('follow from the path', async () => {
    const items = [{ metadata: { name: 'n1', creationTimestamp: '2026-03-01T10:00:00Z' } }, {}];
    const client: Pick<KubeClient, 'send'> = { send: async () => ({ ok: true, body: { items } }) };
    const { items: created } = await listAll(client as KubeClient, { path: paths.nodes }, (node) => {
      expectTypeOf(node).toEqualTypeOf<Received<V1Node>>();
      return node.metadata?.creationTimestamp ?? undefined;
    });
    expect(created).toEqual(['2026-03-01T10:00:00Z']);
  });
});
