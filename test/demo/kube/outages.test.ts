import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KubeApi, startKubeApi } from '../../../demo/kube/kube-api.ts';
import { at, listAt, numberAt, textAt } from '../../../demo/kube/json.ts';
import { configMap, maps } from './kube-fixture.ts';
import { mergePatch, messageOf, type RawKube, rawKube, reasonOf, versionOf, within } from './raw-kube.ts';

const agentRules = [
  { apiGroups: ['tugboot.dev'], resources: ['nodeagents'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['tugboot.dev'], resources: ['nodeagents/status'], verbs: ['patch'] },
];

const agentDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: nodeagents.tugboot.dev }
spec:
  group: tugboot.dev
  scope: Cluster
  names: { plural: nodeagents, singular: nodeagent, kind: NodeAgent }
  versions:
    - name: v1alpha1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: { endBoot: { type: string } } }
            status: { type: object, x-kubernetes-preserve-unknown-fields: true }
`;

let api: KubeApi;
let admin: RawKube;

beforeEach(async () => {
  api = await startKubeApi({
    users: new Map([
      ['admin', { name: 'admin' }],
      ['agent-n1', { name: 'system:serviceaccount:tugboot:agent', nodeName: 'n1', rules: agentRules }],
    ]),
    crds: [agentDefinition],
    watch: { bookmarkEvery: 30 },
  });
  admin = rawKube(api.url, 'admin');
});
afterEach(() => api.close());

describe('watches in trouble', () => {
  it('are told of 410 in the stream when their version is forgotten', async () => {
    const created = await admin.send('POST', maps, configMap('a'));
    await admin.send('PATCH', `${maps}/a`, { data: { a: '2' } }, mergePatch);
    api.compact();
    const watch = await admin.watch(`${maps}?watch=true&resourceVersion=${versionOf(created)}`);
    const event = await watch.next();
    expect([event.type, numberAt(event.object, 'code'), textAt(event.object, 'reason')]).toEqual([
      'ERROR',
      410,
      'Expired',
    ]);
    await within(watch.ended);
  });
  it('go on from the version of the last change when the history is forgotten', async () => {
    const created = await admin.send('POST', maps, configMap('a'));
    api.compact();
    const watch = await admin.watch(`${maps}?watch=true&resourceVersion=${versionOf(created)}`);
    await admin.send('DELETE', `${maps}/a`);
    expect((await watch.next()).type).toBe('DELETED');
    watch.close();
  });
  it('get bookmarks with the newest version, also of changes that they are not told', async () => {
    const watch = await admin.watch(`${maps}?watch=true&allowWatchBookmarks=true&resourceVersion=1`);
    const other = await admin.send('POST', '/api/v1/nodes', { metadata: { name: 'n1' } });
    let event = await watch.next();
    while (Number(textAt(event.object, 'metadata', 'resourceVersion')) < Number(versionOf(other)))
      event = await watch.next();
    watch.close();
    expect([event.type, at(event.object, 'data')]).toEqual(['BOOKMARK', undefined]);
  });
  it('mark the end of the initial events when a client asks for them', async () => {
    await admin.send('POST', maps, configMap('a'));
    const query =
      'watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
    const watch = await admin.watch(`${maps}?${query}`);
    const [first, second] = [await watch.next(), await watch.next()];
    watch.close();
    expect([first.type, second.type]).toEqual(['ADDED', 'BOOKMARK']);
    expect(textAt(second.object, 'metadata', 'annotations', 'k8s.io/initial-events-end')).toBe('true');
  });
  it('tell nothing while they are stalled, and everything afterwards', async () => {
    const watch = await admin.watch(`${maps}?watch=true&resourceVersion=1`);
    api.stallWatches();
    await admin.send('POST', maps, configMap('a'));
    await admin.send('POST', maps, configMap('b'));
    await expect(within(watch.next(), 80)).rejects.toThrow(/nothing came/);
    api.resumeWatches();
    expect(textAt((await watch.next()).object, 'metadata', 'name')).toBe('b');
    watch.close();
  });
  it('are stalled by what they ask for', async () => {
    const [one, other] = [
      await admin.watch(`${maps}?watch=true&resourceVersion=1&fieldSelector=metadata.name%3Da`),
      await admin.watch(`${maps}?watch=true&resourceVersion=1`),
    ];
    api.stallWatches(({ query }) => query.has('fieldSelector'));
    await admin.send('POST', maps, configMap('a'));
    expect(textAt((await other.next()).object, 'metadata', 'name')).toBe('a');
    await expect(within(one.next(), 80)).rejects.toThrow(/nothing came/);
    one.close();
    other.close();
  });
  it('that are silenced tell nothing for good, and those that begin afterwards do', async () => {
    const silent = await admin.watch(`${maps}?watch=true&resourceVersion=1`);
    api.silenceWatches();
    const other = await admin.watch(`${maps}?watch=true&resourceVersion=1`);
    api.resumeWatches();
    await admin.send('POST', maps, configMap('a'));
    expect(textAt((await other.next()).object, 'metadata', 'name')).toBe('a');
    await expect(within(silent.next(), 80)).rejects.toThrow(/nothing came/);
    silent.close();
    other.close();
  });
  it('end when they are dropped', async () => {
    const watch = await admin.watch(`${maps}?watch=true&resourceVersion=1`);
    expect(api.watchCount()).toBe(1);
    api.dropWatches('reset');
    await within(watch.ended);
    expect(api.watchCount()).toBe(0);
  });
});

describe('a continued list whose version is forgotten', () => {
  it('is refused with 410 Expired', async () => {
    for (const name of ['a', 'b']) await admin.send('POST', maps, configMap(name));
    const first = await admin.send('GET', `${maps}?limit=1`);
    expect(numberAt(first.body, 'metadata', 'remainingItemCount')).toBe(1);
    await admin.send('POST', maps, configMap('c'));
    api.compact();
    const token = encodeURIComponent(textAt(first.body, 'metadata', 'continue'));
    const refused = await admin.send('GET', `${maps}?limit=1&continue=${token}`);
    expect([refused.status, reasonOf(refused)]).toEqual([410, 'Expired']);
  });
});

describe('injected faults', () => {
  it('strike as often as they say, and only whom they name', async () => {
    api.faults.add({ verb: 'get', path: /configmaps/, times: 2, do: { status: 503 } });
    const statuses: number[] = [];
    for (let count = 0; count < 3; count += 1)
      statuses.push((await admin.send('GET', `${maps}/none`)).status);
    expect(statuses).toEqual([503, 503, 404]);
    api.faults.add({ user: 'somebody else', do: { status: 500 } });
    expect((await admin.send('GET', maps)).status).toBe(200);
  });
  it('cut connections', async () => {
    api.faults.add({ times: 1, do: 'reset' });
    await expect(admin.send('GET', maps)).rejects.toThrow();
    expect((await admin.send('GET', maps)).status).toBe(200);
  });
  it('hang until they are cleared, for the next request', async () => {
    api.faults.add({ do: 'hang' });
    await expect(within(admin.send('GET', maps), 80)).rejects.toThrow(/nothing came/);
    api.faults.clear();
    expect((await admin.send('GET', maps)).status).toBe(200);
  });
  it('take the server down and bring it back on the same port with everything it knew', async () => {
    await admin.send('POST', maps, configMap('a'));
    const watch = await admin.watch(`${maps}?watch=true&resourceVersion=1`);
    await api.faults.down();
    await within(watch.ended);
    await expect(admin.send('GET', maps)).rejects.toThrow(/ECONNREFUSED/);
    await api.faults.up();
    expect((await admin.send('GET', `${maps}/a`)).status).toBe(200);
  });
});

describe('the record of requests', () => {
  it('names verb, path, user and status of each', async () => {
    await admin.send('GET', `${maps}?limit=1`);
    await rawKube(api.url, 'agent-n1').send('GET', maps);
    const seen = api.requests().map(({ verb, path, user, status }) => [verb, path, user, status]);
    expect(seen).toEqual([
      ['list', maps, 'admin', 200],
      ['list', maps, 'system:serviceaccount:tugboot:agent', 403],
    ]);
  });
});

describe("an agent's token", () => {
  const agents = '/apis/tugboot.dev/v1alpha1/nodeagents';
  beforeEach(async () => {
    for (const name of ['n1', 'n2']) {
      await admin.send('POST', agents, {
        apiVersion: 'tugboot.dev/v1alpha1',
        kind: 'NodeAgent',
        metadata: { name },
        spec: {},
      });
    }
  });
  const report = { status: { required: 'yes' } };
  it("writes the status of its own node's object", async () => {
    const answer = await rawKube(api.url, 'agent-n1').send(
      'PATCH',
      `${agents}/n1/status`,
      report,
      mergePatch,
    );
    expect([answer.status, textAt(answer.body, 'status', 'required')]).toEqual([200, 'yes']);
  });
  it("does not write that of another node's", async () => {
    const answer = await rawKube(api.url, 'agent-n1').send(
      'PATCH',
      `${agents}/n2/status`,
      report,
      mergePatch,
    );
    expect([answer.status, messageOf(answer)]).toEqual([
      403,
      expect.stringContaining('ValidatingAdmissionPolicy'),
    ]);
  });
  it('does not write an order, not even through the status', async () => {
    const order = { spec: { endBoot: 'b1' } };
    expect((await rawKube(api.url, 'agent-n1').send('PATCH', `${agents}/n1`, order, mergePatch)).status).toBe(
      403,
    );
    const sneaky = await rawKube(api.url, 'agent-n1').send(
      'PATCH',
      `${agents}/n1/status`,
      { ...order, ...report },
      mergePatch,
    );
    expect([sneaky.status, at(sneaky.body, 'spec')]).toEqual([200, {}]);
  });
});

describe('what goes with what is deleted', () => {
  it('are the dependents of an owner', async () => {
    const node = await admin.send('POST', '/api/v1/nodes', { metadata: { name: 'n1' } });
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: textAt(node.body, 'metadata', 'uid') };
    await admin.send('POST', maps, { ...configMap('kept'), metadata: { name: 'kept' } });
    await admin.send('POST', maps, {
      ...configMap('owned'),
      metadata: { name: 'owned', ownerReferences: [owner] },
    });
    const watch = await admin.watch(`${maps}?watch=true&resourceVersion=${versionOf(node)}`);
    await admin.send('DELETE', '/api/v1/nodes/n1');
    let event = await watch.next();
    while (event.type !== 'DELETED') event = await watch.next();
    watch.close();
    expect(textAt(event.object, 'metadata', 'name')).toBe('owned');
    expect((await admin.send('GET', `${maps}/kept`)).status).toBe(200);
  });
  it('are the contents of a namespace, and then the namespace', async () => {
    const created = await admin.send('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
    await admin.send('POST', '/api/v1/namespaces/shop/configmaps', configMap('a'));
    const watch = await admin.watch(`/api/v1/namespaces?watch=true&resourceVersion=${versionOf(created)}`);
    const ending = await admin.send('DELETE', '/api/v1/namespaces/shop');
    expect(textAt(ending.body, 'status', 'phase')).toBe('Terminating');
    const events = [await watch.next(), await watch.next()];
    watch.close();
    expect(events.map((event) => event.type)).toEqual(['MODIFIED', 'DELETED']);
    expect(listAt((await admin.send('GET', '/api/v1/configmaps')).body, 'items')).toEqual([]);
  });
});
