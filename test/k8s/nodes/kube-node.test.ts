import { expect, it } from 'vitest';
import { withoutBulk } from '../../../src/k8s/nodes/kube-node.ts';

it('a Node is kept without its images and the owners of its fields, and with all else', () => {
  const metadata = { name: 'n1', resourceVersion: '7', annotations: { a: 'b' } };
  const status = { nodeInfo: { bootID: 'b1' }, conditions: [{ type: 'Ready', status: 'True' }] };
  const node = { metadata, spec: { unschedulable: true }, status };
  const bulk = {
    ...node,
    metadata: { ...metadata, managedFields: [{ manager: 'kubelet' }] },
    status: { ...status, images: [{ names: ['registry.example/app:1'], sizeBytes: 1 }] },
  };
  expect(withoutBulk(bulk as never)).toEqual(node);
});
