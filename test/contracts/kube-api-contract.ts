import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, type Json, type JsonObject, listAt, numberAt, textAt } from '../../demo/kube/json.ts';
import { evictionContract } from '../demo/kube/eviction-contract.ts';
import {
  condition,
  configMap,
  createKubeFixture,
  maps,
  node,
  pods,
  widget,
  widgetDefinition,
  widgets,
} from '../demo/kube/kube-fixture.ts';
import {
  jsonPatch,
  mergePatch,
  messageOf,
  namesOf,
  type RawAnswer,
  type RawKube,
  rawKube,
  reasonOf,
  strategicPatch,
  uidOf,
  versionOf,
} from '../demo/kube/raw-kube.ts';

export interface KubeApiUnderTest {
  readonly url: string;
  /** `admin` has all permissions; `reader` may get, list and watch nodes, and nothing else. */
  token(kind: 'admin' | 'reader'): string;
  readonly readerName: string;
  close(): Promise<void>;
}

/**
 * The behaviour of a Kubernetes API server that Tugboot relies on. Its objects have names of their own, so
 * that it can run on a real control plane too. That must run without the disruption controller, whose
 * statuses the test writes itself.
 */
export function kubeApiContract(name: string, make: () => Promise<KubeApiUnderTest>): void {
  describe(`${name}: the Kubernetes API that Tugboot relies on`, () => {
    let api: KubeApiUnderTest;
    let admin: RawKube;
    const fixture = createKubeFixture(() => admin);
    const { unique, made, runningPod, nowhere } = fixture;

    beforeAll(async () => {
      api = await make();
      admin = rawKube(api.url, api.token('admin'));
      await made('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition);
      await eventually(async () => (await admin.send('GET', widgets)).status === 200);
    });
    afterAll(async () => {
      await admin.send(
        'DELETE',
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.contract.tugboot.dev',
      );
      await api.close();
    });

    describe('pods and their nodes', () => {
      const pod = (podName: string, spec: JsonObject): JsonObject => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: podName },
        spec: { containers: [{ name: 'c', image: 'example.test/c:1' }], ...spec },
      });
      const ownsNodeName = async (podName: string): Promise<boolean> => {
        const { body } = await admin.send('GET', `${pods}/${podName}`);
        expect(textAt(body, 'spec', 'nodeName')).toBe(nowhere);
        return listAt(body, 'metadata', 'managedFields').some(
          (entry) => at(entry, 'fieldsV1', 'f:spec', 'f:nodeName') !== undefined,
        );
      };
      it('records who named the node of a pod at its creation, and nobody for one that was bound', async () => {
        const [named, bound] = [unique('named'), unique('bound')];
        await made(pods, pod(named, { nodeName: nowhere }));
        await made(pods, pod(bound, { schedulerName: 'nobody' }));
        await made(`${pods}/${bound}/binding`, {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name: bound },
          target: { apiVersion: 'v1', kind: 'Node', name: nowhere },
        });
        for (const name of [named, bound]) {
          const status = { phase: 'Running', conditions: [condition('Ready', 'True')] };
          await admin.send('PATCH', `${pods}/${name}/status`, { status }, strategicPatch);
          const metadata = { labels: { touched: 'yes' } };
          await admin.send('PATCH', `${pods}/${name}`, { metadata }, mergePatch);
        }
        expect([await ownsNodeName(named), await ownsNodeName(bound)]).toEqual([true, false]);
      });
    });

    describe('objects and versions', () => {
      it('gives a new object a UID, a version and a creation time of whole seconds', async () => {
        const created = await made(maps, configMap(unique('cm')));
        expect(uidOf(created)).toMatch(/^[0-9a-f-]{36}$/);
        expect(versionOf(created)).toMatch(/^\d+$/);
        expect(textAt(created.body, 'metadata', 'creationTimestamp')).toMatch(
          /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/,
        );
      });
      it('refuses a second object of the same name with 409 AlreadyExists', async () => {
        const cm = configMap(unique('cm'));
        await made(maps, cm);
        const again = await admin.send('POST', maps, cm);
        expect([again.status, reasonOf(again)]).toEqual([409, 'AlreadyExists']);
        expect(messageOf(again)).toBe(`configmaps "${textAt(cm, 'metadata', 'name')}" already exists`);
      });
      it('makes a name from generateName', async () => {
        const created = await made(maps, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { generateName: `gen-${nowhere}-` },
        });
        expect(textAt(created.body, 'metadata', 'name')).toMatch(new RegExp(`^gen-${nowhere}-[a-z0-9]{5}$`));
      });
      it('says 404 NotFound with the name in its details', async () => {
        const missing = await admin.send('GET', `${maps}/missing-${nowhere}`);
        expect([missing.status, reasonOf(missing)]).toEqual([404, 'NotFound']);
        expect(at(missing.body, 'details')).toEqual({ name: `missing-${nowhere}`, kind: 'configmaps' });
      });
      it('answers an unknown resource with a Status in a group of its own, and with plain text elsewhere', async () => {
        for (const path of ['/api/v1/nosuchthings', '/apis/apps/v1/nosuchthings']) {
          const unknown = await admin.send('GET', path);
          expect([unknown.status, reasonOf(unknown)]).toEqual([404, 'NotFound']);
          expect(messageOf(unknown)).toBe('the server could not find the requested resource');
        }
        for (const path of ['/apis/contract.tugboot.dev/v1/nosuchthings', '/apis/no.such.group/v1/things']) {
          const unknown = await admin.send('GET', path);
          expect([unknown.status, unknown.text.trim()]).toEqual([404, '404 page not found']);
        }
      });
      it('refuses an update from an older version with 409 Conflict, and changes nothing', async () => {
        const mapName = unique('cm');
        const first = await made(maps, configMap(mapName));
        const second = await admin.send('PUT', `${maps}/${mapName}`, { ...first.body, data: { a: '2' } });
        expect(second.status).toBe(200);
        expect(Number(versionOf(second))).toBeGreaterThan(Number(versionOf(first)));
        const late = await admin.send('PUT', `${maps}/${mapName}`, { ...first.body, data: { a: '3' } });
        expect([late.status, reasonOf(late)]).toEqual([409, 'Conflict']);
        expect(messageOf(late)).toContain(
          'the object has been modified; please apply your changes to the latest version and try again',
        );
        expect(textAt((await admin.send('GET', `${maps}/${mapName}`)).body, 'data', 'a')).toBe('2');
      });
      it('does not make a new version of what does not change', async () => {
        const mapName = unique('cm');
        const created = await made(maps, configMap(mapName));
        const same = await admin.send('PATCH', `${maps}/${mapName}`, { data: { a: '1' } }, mergePatch);
        expect(versionOf(same)).toBe(versionOf(created));
      });
      it('stores nothing of a dry run', async () => {
        const mapName = unique('cm');
        expect((await admin.send('POST', `${maps}?dryRun=All`, configMap(mapName))).status).toBe(201);
        expect((await admin.send('GET', `${maps}/${mapName}`)).status).toBe(404);
      });
      it('refuses a name that is none with 422', async () => {
        const refused = await admin.send('POST', maps, configMap('Not_A_Name'));
        expect([refused.status, reasonOf(refused)]).toEqual([422, 'Invalid']);
        expect(messageOf(refused)).toContain(
          'ConfigMap "Not_A_Name" is invalid: metadata.name: Invalid value: "Not_A_Name"',
        );
      });
      it('says 404 for an object in a namespace that is not there', async () => {
        const refused = await admin.send(
          'POST',
          `/api/v1/namespaces/none-${nowhere}/configmaps`,
          configMap('x'),
        );
        expect([refused.status, messageOf(refused)]).toEqual([404, `namespaces "none-${nowhere}" not found`]);
      });
      it('demands a version for the update of a Lease, and not for that of a ConfigMap', async () => {
        const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
        const leaseName = unique('lease');
        const lease = {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: leaseName },
          spec: { holderIdentity: 'a' },
        };
        await made(leases, lease);
        expect((await admin.send('PUT', `${leases}/${leaseName}`, lease)).status).toBe(422);
        const mapName = unique('cm');
        await made(maps, configMap(mapName));
        expect((await admin.send('PUT', `${maps}/${mapName}`, configMap(mapName, { a: '9' }))).status).toBe(
          200,
        );
      });
      it('takes micro times with six digits only', async () => {
        const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
        const lease = (renewTime: string): JsonObject => ({
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: unique('lease') },
          spec: { renewTime },
        });
        expect((await admin.send('POST', leases, lease('2026-11-22T10:00:00.123Z'))).status).toBe(400);
        expect((await admin.send('POST', leases, lease('2026-11-22T10:00:00.123000Z'))).status).toBe(201);
      });
    });

    describe('patches', () => {
      it('applies a JSON patch on a Node whose test of the boot ID holds, and nothing of one whose test fails', async () => {
        const nodeName = unique('node');
        await made('/api/v1/nodes', node(nodeName));
        const cordon = (boot: string): Json => [
          { op: 'test', path: '/status/nodeInfo/bootID', value: boot },
          { op: 'add', path: '/spec/unschedulable', value: true },
          { op: 'add', path: '/metadata/annotations', value: { 'tugboot.dev/cordoned-by': 'r1' } },
        ];
        const refused = await admin.send('PATCH', `/api/v1/nodes/${nodeName}`, cordon('boot-0'), jsonPatch);
        expect([refused.status, reasonOf(refused), messageOf(refused)]).toEqual([
          422,
          'Invalid',
          'the server rejected our request due to an error in our request',
        ]);
        expect(
          at((await admin.send('GET', `/api/v1/nodes/${nodeName}`)).body, 'spec', 'unschedulable'),
        ).toBeUndefined();
        const done = await admin.send('PATCH', `/api/v1/nodes/${nodeName}`, cordon('boot-1'), jsonPatch);
        expect([done.status, at(done.body, 'spec', 'unschedulable')]).toEqual([200, true]);
        const undo = [
          { op: 'test', path: '/metadata/annotations/tugboot.dev~1cordoned-by', value: 'r2' },
          { op: 'remove', path: '/spec/unschedulable' },
        ];
        expect((await admin.send('PATCH', `/api/v1/nodes/${nodeName}`, undo, jsonPatch)).status).toBe(422);
      });
      it('changes nothing when a later operation of a JSON patch fails', async () => {
        const mapName = unique('cm');
        await made(maps, configMap(mapName));
        const patch = [
          { op: 'replace', path: '/data/a', value: '2' },
          { op: 'remove', path: '/data/none' },
        ];
        expect((await admin.send('PATCH', `${maps}/${mapName}`, patch, jsonPatch)).status).toBe(422);
        expect(textAt((await admin.send('GET', `${maps}/${mapName}`)).body, 'data', 'a')).toBe('1');
      });
      it('refuses a merge patch that names an older version with 409 Conflict', async () => {
        const mapName = unique('cm');
        const created = await made(maps, configMap(mapName));
        const patch = { metadata: { resourceVersion: versionOf(created) }, data: { b: '1' } };
        expect((await admin.send('PATCH', `${maps}/${mapName}`, patch, mergePatch)).status).toBe(200);
        const late = await admin.send('PATCH', `${maps}/${mapName}`, patch, mergePatch);
        expect([late.status, reasonOf(late)]).toEqual([409, 'Conflict']);
      });
      it('merges conditions of a Node by their type in a strategic merge patch', async () => {
        const nodeName = unique('node');
        await made('/api/v1/nodes', node(nodeName));
        const status = { conditions: [condition('Ready', 'False'), condition('RebootRequired', 'True')] };
        const patched = await admin.send(
          'PATCH',
          `/api/v1/nodes/${nodeName}/status`,
          { status },
          strategicPatch,
        );
        const conditions = at(patched.body, 'status', 'conditions');
        const byType = Array.isArray(conditions)
          ? conditions.map((one: Json) => [textAt(one, 'type'), textAt(one, 'status')])
          : [];
        expect(Object.fromEntries(byType)).toEqual({
          Ready: 'False',
          DiskPressure: 'False',
          RebootRequired: 'True',
        });
      });
      it('answers a content type that is no patch with 415', async () => {
        const mapName = unique('cm');
        await made(maps, configMap(mapName));
        const refused = await admin.send('PATCH', `${maps}/${mapName}`, { data: {} }, 'application/json');
        expect([refused.status, reasonOf(refused)]).toEqual([415, 'UnsupportedMediaType']);
        const widgetName = unique('widget');
        await made(widgets, widget(widgetName));
        expect((await admin.send('PATCH', `${widgets}/${widgetName}`, {}, strategicPatch)).status).toBe(415);
      });
    });

    describe('spec and status', () => {
      it('ignores the status in a write of a Node, and the spec in a write of its status', async () => {
        const nodeName = unique('node');
        await made('/api/v1/nodes', node(nodeName));
        const both = { spec: { unschedulable: true }, status: { nodeInfo: { bootID: 'boot-2' } } };
        const main = await admin.send('PATCH', `/api/v1/nodes/${nodeName}`, both, mergePatch);
        expect([
          at(main.body, 'spec', 'unschedulable'),
          textAt(main.body, 'status', 'nodeInfo', 'bootID'),
        ]).toEqual([true, 'boot-1']);
        const other = { spec: { unschedulable: false }, status: { nodeInfo: { bootID: 'boot-2' } } };
        const status = await admin.send('PATCH', `/api/v1/nodes/${nodeName}/status`, other, mergePatch);
        expect([
          at(status.body, 'spec', 'unschedulable'),
          textAt(status.body, 'status', 'nodeInfo', 'bootID'),
        ]).toEqual([true, 'boot-2']);
      });
      it('ignores the status in a write of a custom object, and everything else in a write of its status', async () => {
        const widgetName = unique('widget');
        const created = await made(widgets, { ...widget(widgetName), status: { phase: 'early' } });
        expect(at(created.body, 'status')).toBeUndefined();
        const patch = { metadata: { labels: { x: 'y' } }, spec: { size: 7 }, status: { phase: 'done' } };
        const status = await admin.send('PATCH', `${widgets}/${widgetName}/status`, patch, mergePatch);
        expect([
          at(status.body, 'spec', 'size'),
          textAt(status.body, 'status', 'phase'),
          at(status.body, 'metadata', 'labels'),
        ]).toEqual([3, 'done', undefined]);
        expect(numberAt(status.body, 'metadata', 'generation')).toBe(1);
      });
      it('counts generations for changes of the spec only', async () => {
        const widgetName = unique('widget');
        await made(widgets, widget(widgetName));
        const labelled = await admin.send(
          'PATCH',
          `${widgets}/${widgetName}`,
          { metadata: { labels: { x: 'y' } } },
          mergePatch,
        );
        expect(numberAt(labelled.body, 'metadata', 'generation')).toBe(1);
        const grown = await admin.send(
          'PATCH',
          `${widgets}/${widgetName}`,
          { spec: { size: 4 } },
          mergePatch,
        );
        expect(numberAt(grown.body, 'metadata', 'generation')).toBe(2);
      });
      it('drops fields that the schema of a custom type does not know', async () => {
        const created = await made(widgets, widget(unique('widget'), { size: 3, unknown: true }));
        expect(at(created.body, 'spec')).toEqual({ size: 3 });
      });
      it('names every field of a custom object that breaks its schema', async () => {
        const refused = await admin.send('POST', widgets, widget(unique('widget'), { color: 'green' }));
        expect([refused.status, reasonOf(refused)]).toEqual([422, 'Invalid']);
        expect(messageOf(refused)).toContain('spec.size: Required value');
        expect(messageOf(refused)).toContain(
          'spec.color: Unsupported value: "green": supported values: "blue", "red"',
        );
        const wrongType = await admin.send('POST', widgets, widget(unique('widget'), { size: 'big' }));
        expect(messageOf(wrongType)).toContain('spec.size in body must be of type integer: "string"');
      });
    });

    describe('workloads', () => {
      it.each([
        ['selects nothing in particular', {}, 'spec.selector'],
        ['does not select its own pods', { matchLabels: { app: 'other' } }, 'spec.template.metadata.labels'],
      ])('refuses a Deployment that %s', async (_why, selector, field) => {
        const metadata = { name: fixture.unique('web') };
        const template = {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'main', image: 'none' }] },
        };
        const refused = await admin.send('POST', '/apis/apps/v1/namespaces/default/deployments', {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata,
          spec: { selector, template },
        });
        expect([refused.status, reasonOf(refused)]).toEqual([422, 'Invalid']);
        expect(listAt(refused.body, 'details', 'causes').map((cause) => textAt(cause, 'field'))).toContain(
          field,
        );
      });
    });

    describe('deletion', () => {
      it('keeps an object whose UID is not the one that was meant', async () => {
        const mapName = unique('cm');
        const created = await made(maps, configMap(mapName));
        const wrong = await admin.send('DELETE', `${maps}/${mapName}`, {
          preconditions: { uid: '00000000-0000-4000-8000-000000000000' },
        });
        expect([wrong.status, reasonOf(wrong)]).toEqual([409, 'Conflict']);
        const right = await admin.send('DELETE', `${maps}/${mapName}`, {
          preconditions: { uid: uidOf(created) },
        });
        expect([right.status, textAt(right.body, 'status')]).toEqual([200, 'Success']);
        expect((await admin.send('GET', `${maps}/${mapName}`)).status).toBe(404);
      });
      it('gives a bound pod its grace, and removes it at once when there is none', async () => {
        const podName = unique('pod');
        await runningPod(podName, podName);
        const ending = await admin.send('DELETE', `${pods}/${podName}`);
        expect(numberAt(ending.body, 'metadata', 'deletionGracePeriodSeconds')).toBe(30);
        expect((await admin.send('GET', `${pods}/${podName}`)).status).toBe(200);
        expect((await admin.send('DELETE', `${pods}/${podName}`, { gracePeriodSeconds: 0 })).status).toBe(
          200,
        );
        expect((await admin.send('GET', `${pods}/${podName}`)).status).toBe(404);
      });
      it('keeps an object until its finalizers are gone', async () => {
        const mapName = unique('cm');
        await made(maps, {
          ...configMap(mapName),
          metadata: { name: mapName, finalizers: ['tugboot.dev/test'] },
        });
        const held = await admin.send('DELETE', `${maps}/${mapName}`);
        expect(textAt(held.body, 'metadata', 'deletionTimestamp')).not.toBe('');
        await admin.send('PATCH', `${maps}/${mapName}`, { metadata: { finalizers: null } }, mergePatch);
        expect((await admin.send('GET', `${maps}/${mapName}`)).status).toBe(404);
      });
    });

    describe('lists', () => {
      it('pages by limit and continue, and all pages are as of the first', async () => {
        const app = unique('app');
        for (const letter of ['a', 'b', 'c']) await made(maps, configMap(`${app}-${letter}`, {}, { app }));
        const query = `labelSelector=${encodeURIComponent(`app=${app}`)}&limit=2`;
        const first = await admin.send('GET', `${maps}?${query}`);
        expect(namesOf(first)).toEqual([`${app}-a`, `${app}-b`]);
        await made(maps, configMap(`${app}-d`, {}, { app }));
        const token = encodeURIComponent(textAt(first.body, 'metadata', 'continue'));
        const second = await admin.send('GET', `${maps}?${query}&continue=${token}`);
        expect(namesOf(second)).toEqual([`${app}-c`]);
        expect([textAt(second.body, 'metadata', 'continue'), versionOf(second)]).toEqual([
          '',
          versionOf(first),
        ]);
      });
      it.each([
        ['app=APP,tier=web', ['1']],
        ['app=APP,tier!=web', ['2', '3']],
        ['app=APP,tier in (web,db)', ['1', '2']],
        ['app=APP,tier notin (web)', ['2', '3']],
        ['app=APP,tier', ['1', '2']],
        ['app=APP,!tier', ['3']],
      ])('selects by labels: %s', async (selector, expected) => {
        const app = unique('app');
        await made(maps, configMap(`${app}-1`, {}, { app, tier: 'web' }));
        await made(maps, configMap(`${app}-2`, {}, { app, tier: 'db' }));
        await made(maps, configMap(`${app}-3`, {}, { app }));
        const listed = await admin.send(
          'GET',
          `${maps}?labelSelector=${encodeURIComponent(selector.replace('APP', app))}`,
        );
        expect(namesOf(listed)).toEqual(expected.map((number) => `${app}-${number}`));
      });
      it('selects pods by their node, and refuses fields that it does not select by', async () => {
        const podName = unique('pod');
        await runningPod(podName, podName);
        const there = await admin.send(
          'GET',
          `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${nowhere},metadata.name=${podName}`)}`,
        );
        expect(namesOf(there)).toEqual([podName]);
        const elsewhere = await admin.send(
          'GET',
          `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=other,metadata.name=${podName}`)}`,
        );
        expect(namesOf(elsewhere)).toEqual([]);
        const refused = await admin.send('GET', '/api/v1/pods?fieldSelector=spec.hostname%3Dx');
        expect([refused.status, messageOf(refused)]).toEqual([
          400,
          expect.stringContaining('field label not supported: spec.hostname'),
        ]);
      });
      it('leaves kind and apiVersion off the items of built-in lists, and on those of custom ones', async () => {
        await made(widgets, widget(unique('widget')));
        const nodeName = unique('node');
        await made('/api/v1/nodes', node(nodeName));
        const nodes = await admin.send('GET', '/api/v1/nodes');
        const custom = await admin.send('GET', widgets);
        const kinds = (answer: RawAnswer): readonly string[] => {
          const items = at(answer.body, 'items');
          return Array.isArray(items) ? items.map((item: Json) => textAt(item, 'kind')) : [];
        };
        expect(textAt(nodes.body, 'kind')).toBe('NodeList');
        expect(new Set(kinds(nodes))).toEqual(new Set(['']));
        expect(new Set(kinds(custom))).toEqual(new Set(['Widget']));
      });
    });

    describe('watches', () => {
      it('tells what happened after a version, in order', async () => {
        const app = unique('app');
        const before = await admin.send('GET', `${maps}?labelSelector=app%3D${app}`);
        await made(maps, configMap(app, { a: '1' }, { app }));
        const watch = await admin.watch(
          `${maps}?watch=true&labelSelector=app%3D${app}&resourceVersion=${versionOf(before)}`,
        );
        await admin.send('PATCH', `${maps}/${app}`, { data: { a: '2' } }, mergePatch);
        await admin.send('DELETE', `${maps}/${app}`);
        const events = [await watch.next(), await watch.next(), await watch.next()];
        watch.close();
        expect(events.map((event) => event.type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
        expect(events.map((event) => textAt(event.object, 'kind'))).toEqual([
          'ConfigMap',
          'ConfigMap',
          'ConfigMap',
        ]);
        const versions = events.map((event) => Number(textAt(event.object, 'metadata', 'resourceVersion')));
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
      });
      it('tells an object that leaves or enters the selection as deleted or added', async () => {
        const app = unique('app');
        const created = await made(maps, configMap(app, {}, { app, on: 'yes' }));
        const selector = encodeURIComponent(`app=${app},on=yes`);
        const watch = await admin.watch(
          `${maps}?watch=true&labelSelector=${selector}&resourceVersion=${versionOf(created)}`,
        );
        await admin.send('PATCH', `${maps}/${app}`, { metadata: { labels: { on: 'no' } } }, mergePatch);
        const back = await admin.send(
          'PATCH',
          `${maps}/${app}`,
          { metadata: { labels: { on: 'yes' } } },
          mergePatch,
        );
        const [left, entered] = [await watch.next(), await watch.next()];
        watch.close();
        expect([left.type, entered.type]).toEqual(['DELETED', 'ADDED']);
        expect(textAt(entered.object, 'metadata', 'resourceVersion')).toBe(versionOf(back));
      });
      it('begins with what is there when no version is given', async () => {
        const app = unique('app');
        await made(maps, configMap(app, {}, { app }));
        const watch = await admin.watch(`${maps}?watch=true&labelSelector=app%3D${app}`);
        const first = await watch.next();
        watch.close();
        expect([first.type, textAt(first.object, 'metadata', 'name')]).toEqual(['ADDED', app]);
      });
      it('ends a watch after timeoutSeconds, cleanly', async () => {
        const watch = await admin.watch(`${maps}?watch=true&timeoutSeconds=1&labelSelector=app%3Dnone`);
        await watch.ended;
        expect(watch.status).toBe(200);
      });
    });

    evictionContract(fixture, () => admin);

    describe('who may do what', () => {
      it('answers a token that it does not know with 401', async () => {
        const stranger = await rawKube(api.url, 'no-such-token').send('GET', '/api/v1/nodes');
        expect([stranger.status, reasonOf(stranger)]).toEqual([401, 'Unauthorized']);
      });
      it('says who may not do what', async () => {
        const reader = rawKube(api.url, api.token('reader'));
        const nodeName = unique('node');
        expect((await reader.send('GET', '/api/v1/nodes')).status).toBe(200);
        const refused = await reader.send('PATCH', `/api/v1/nodes/${nodeName}`, {}, mergePatch);
        expect([refused.status, reasonOf(refused)]).toEqual([403, 'Forbidden']);
        expect(messageOf(refused)).toBe(
          `nodes "${nodeName}" is forbidden: User "${api.readerName}" cannot patch resource "nodes" in API group "" at the cluster scope`,
        );
        expect((await reader.send('GET', maps)).status).toBe(403);
      });
    });

    describe('events', () => {
      const events = '/apis/events.k8s.io/v1/namespaces';
      const event = (namespace: string): JsonObject => ({
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: unique('event'), namespace },
        eventTime: '2026-11-22T10:00:00.000000Z',
        reportingController: 'tugboot.dev/bot',
        reportingInstance: 'bot-0',
        action: 'Cordon',
        reason: 'Cordoned',
        type: 'Normal',
        note: 'cordoned for a reboot',
        regarding: { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'n1' },
      });
      it('keeps an Event about a Node in the namespace default, and shows it as core/v1 too', async () => {
        const created = await made(`${events}/default/events`, event('default'));
        const core = await admin.send(
          'GET',
          `/api/v1/namespaces/default/events/${textAt(created.body, 'metadata', 'name')}`,
        );
        expect([textAt(core.body, 'message'), textAt(core.body, 'involvedObject', 'name')]).toEqual([
          'cordoned for a reboot',
          'n1',
        ]);
      });
      it('refuses an Event that does not say what was done', async () => {
        const { action: _action, ...incomplete } = event('default');
        expect((await admin.send('POST', `${events}/default/events`, incomplete)).status).toBe(422);
      });
    });
  });
}

/** A real server takes a moment until it serves a new definition. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('the definition was not served within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
