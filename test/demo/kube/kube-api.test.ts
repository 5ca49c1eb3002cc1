import { startKubeApi } from '../../../demo/kube/kube-api.ts';
import { kubeApiContract } from '../../contracts/kube-api-contract.ts';

kubeApiContract('the demo', async () => {
  const nodes = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }];
  const api = await startKubeApi({
    users: new Map([
      ['admin-token', { name: 'admin' }],
      ['reader-token', { name: 'reader', rules: nodes }],
    ]),
  });
  return { url: api.url, token: (kind) => `${kind}-token`, readerName: 'reader', close: api.close };
});
