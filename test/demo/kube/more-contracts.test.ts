import { afterAll, beforeAll } from 'vitest';
import { type KubeApi, startKubeApi } from '../../../demo/kube/kube-api.ts';
import { definitionContract } from './definition-contract.ts';
import { expiryContract } from './expiry-contract.ts';
import { createKubeFixture } from './kube-fixture.ts';
import { refusalContract } from './refusal-contract.ts';
import { type RawKube, rawKube } from './raw-kube.ts';

let api: KubeApi;
let admin: RawKube;
beforeAll(async () => {
  api = await startKubeApi({ users: new Map([['admin', { name: 'admin' }]]) });
  admin = rawKube(api.url, 'admin');
});
afterAll(() => api.close());

const kube = (): RawKube => admin;
const fixture = createKubeFixture(kube);
expiryContract(fixture, kube, () => ({ forget: async () => api.compact() }));
refusalContract(fixture, kube);
definitionContract(fixture, kube);
