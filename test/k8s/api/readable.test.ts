import { expect, it } from 'vitest';
import { budgetView } from '../../../src/k8s/pods/budget-view.ts';
import { watchedNode } from '../../../src/k8s/nodes/read-node.ts';
import { podView } from '../../../src/k8s/pods/pod-view.ts';

const metadata = { namespace: 'team', name: 'app-1' };

it.each([
  ['Pod team/app-1', () => podView({ metadata: { ...metadata, ownerReferences: 'x' } } as never)],
  ['Node n1', () => watchedNode({ metadata: { name: 'n1' }, status: { conditions: {} } } as never)],
  ['PodDisruptionBudget without a name', () => budgetView(null as never)],
])('fields of other types than those of the API are refused by name: %s', (what, read) => {
  const named = `The ${what} cannot be read: its fields have other types than those of the Kubernetes API.`;
  expect(read).toThrow(expect.objectContaining({ message: named, code: 'cluster-invalid' }));
});
