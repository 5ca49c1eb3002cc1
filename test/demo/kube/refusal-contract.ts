import { expect, describe, it } from 'vitest';
import { at, type JsonObject, numberAt, textAt } from '../../../demo/kube/json.ts';
import { budgets, condition, configMap, type KubeFixture, maps, node, pods } from './kube-fixture.ts';
import { mergePatch, messageOf, type RawKube, reasonOf, versionOf } from './raw-kube.ts';

const tugs = '/apis/refusal.tugboot.dev/v1/tugs';

/** A custom type with a field that may not change, as a Reboot's are. */
const tugDefinition: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'tugs.refusal.tugboot.dev' },
  spec: {
    group: 'refusal.tugboot.dev',
    scope: 'Cluster',
    names: { plural: 'tugs', singular: 'tug', kind: 'Tug', listKind: 'TugList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['name'],
                properties: {
                  name: {
                    type: 'string',
                    maxLength: 20,
                    'x-kubernetes-validations': [
                      { rule: 'self == oldSelf', message: 'A tug keeps its name.' },
                    ],
                  },
                  crew: { type: 'integer', minimum: 1 },
                  built: { type: 'string', format: 'date-time' },
                },
              },
              status: { type: 'object', properties: { hull: { type: 'integer', minimum: 1 } } },
            },
          },
        },
      },
    ],
  },
};

/** Refusals in which the demo once differed from a real server. */
export function refusalContract(fixture: KubeFixture, kube: () => RawKube): void {
  const { unique, made, runningPod, evict } = fixture;
  const wrongUid = '00000000-0000-4000-8000-000000000000';
  const tug = (name: string, spec: JsonObject): JsonObject => ({
    apiVersion: 'refusal.tugboot.dev/v1',
    kind: 'Tug',
    metadata: { name },
    spec,
  });

  describe('what is asked wrongly', () => {
    it.each([
      ['PATCH', maps],
      ['PUT', maps],
      ['POST', '/api/v1/configmaps'],
      ['DELETE', '/api/v1/nodes/none/status'],
      ['GET', `${pods}/none/eviction`],
    ])('is a method that the address does not allow: %s %s', async (method, path) => {
      const refused = await kube().send(
        method,
        path,
        method === 'GET' || method === 'DELETE' ? undefined : {},
      );
      expect([refused.status, reasonOf(refused)]).toEqual([405, 'MethodNotAllowed']);
      expect(messageOf(refused)).toBe('the server does not allow this method on the requested resource');
    });
    it('is a trial whose word is misspelt: it must not become a deed', async () => {
      const mapName = unique('cm');
      const refused = await kube().send('POST', `${maps}?dryRun=all`, configMap(mapName));
      expect([refused.status, reasonOf(refused)]).toEqual([422, 'Invalid']);
      expect(messageOf(refused)).toContain('dryRun: Unsupported value: ["all"]: supported values: "All"');
      expect((await kube().send('GET', `${maps}/${mapName}`)).status).toBe(404);
    });
    it('is a page size that is no number', async () => {
      const refused = await kube().send('GET', `${maps}?limit=many`);
      expect([refused.status, messageOf(refused)]).toEqual([
        400,
        'strconv.ParseInt: parsing "many": invalid syntax',
      ]);
    });
    it('is a match of versions without a version', async () => {
      const refused = await kube().send('GET', `${maps}?resourceVersionMatch=Exact`);
      expect([refused.status, reasonOf(refused)]).toEqual([422, 'Invalid']);
    });
    it('is a version that the server has not come to, as after a restore from a backup', async () => {
      const refused = await kube().send('GET', `${maps}?resourceVersion=999999999`);
      expect([refused.status, reasonOf(refused)]).toEqual([504, 'Timeout']);
      expect(messageOf(refused)).toMatch(/^Timeout: Too large resource version: 999999999, current: \d+$/);
      expect(numberAt(refused.body, 'details', 'retryAfterSeconds')).toBe(1);
    });
    it('is a budget of less than nothing', async () => {
      const spec = { minAvailable: -1, selector: { matchLabels: { app: 'none' } } };
      const refused = await kube().send('POST', budgets, {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: unique('budget') },
        spec,
      });
      expect([refused.status, messageOf(refused)]).toEqual([
        422,
        expect.stringContaining('spec.minAvailable: Invalid value: -1: must be greater than or equal to 0'),
      ]);
    });
    it('is an Event about a Node in another namespace than default', async () => {
      const refused = await kube().send('POST', '/api/v1/namespaces/kube-system/events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: unique('event') },
        involvedObject: { kind: 'Node', name: 'n1', uid: 'n1' },
        reason: 'Cordoned',
      });
      expect([refused.status, messageOf(refused)]).toEqual([
        422,
        expect.stringContaining(
          'involvedObject.namespace: Invalid value: "": does not match event.namespace',
        ),
      ]);
    });
  });

  describe('a custom type with rules', () => {
    it('keeps a field that may not change, and says why', async () => {
      await made('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', tugDefinition);
      await expect.poll(async () => (await kube().send('GET', tugs)).status).toBe(200);
      const name = unique('tug');
      await made(tugs, tug(name, { name: 'Ada' }));
      const refused = await kube().send('PATCH', `${tugs}/${name}`, { spec: { name: 'Eve' } }, mergePatch);
      expect([refused.status, messageOf(refused)]).toEqual([
        422,
        `Tug.refusal.tugboot.dev "${name}" is invalid: spec.name: Invalid value: "Eve": A tug keeps its name.`,
      ]);
      expect((await kube().send('PATCH', `${tugs}/${name}`, { spec: { crew: 3 } }, mergePatch)).status).toBe(
        200,
      );
    });
    it('speaks of a status that is written alone as if it were all there is', async () => {
      const name = unique('tug');
      await made(tugs, tug(name, { name: 'Ada' }));
      const body = { status: { hull: 0 } };
      const refused = await kube().send('PATCH', `${tugs}/${name}/status`, body, mergePatch);
      expect(messageOf(refused)).toContain(
        'status.hull: Invalid value: 0: hull in body should be greater than or equal to 1',
      );
    });
    it('names what breaks the schema, and says when the rules were not looked at', async () => {
      const notChecked = '<nil>: Invalid value: null: some validation rules were not checked';
      const wrong: [JsonObject, string][] = [
        [
          { name: 'Ada', crew: 0 },
          'spec.crew: Invalid value: 0: spec.crew in body should be greater than or equal to 1',
        ],
        [{ name: 'Ada', built: 'long ago' }, 'spec.built in body must be of type date-time: "long ago"'],
        [{}, 'spec.name: Required value'],
      ];
      for (const [spec, message] of wrong) {
        const refused = await kube().send('POST', tugs, tug(unique('tug'), spec));
        expect(refused.status).toBe(422);
        expect(messageOf(refused)).toContain(message);
        // A value out of range leaves the rules to be judged; a wrong type, or nothing at all, does not.
        expect(messageOf(refused).includes(notChecked)).toBe(!message.includes('should be'));
      }
      await kube().send(
        'DELETE',
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tugs.refusal.tugboot.dev`,
      );
    });
  });

  describe('ends and beginnings', () => {
    it('is refused, for another object of the same name, in words about its kind', async () => {
      const mapName = unique('cm');
      const created = await made(maps, configMap(mapName));
      const other = await kube().send('DELETE', `${maps}/${mapName}`, { preconditions: { uid: wrongUid } });
      expect([other.status, at(other.body, 'details')]).toEqual([409, { name: mapName, kind: 'ConfigMap' }]);
      expect(messageOf(other)).toMatch(
        /^Operation cannot be fulfilled on ConfigMap .*the UID in the precondition/,
      );
      const older = await kube().send('DELETE', `${maps}/${mapName}`, {
        preconditions: { resourceVersion: '1' },
      });
      expect(messageOf(older)).toContain(
        `does not match the ResourceVersion in record (${versionOf(created)})`,
      );
    });
    it('counts a shorter grace from the first delete, and leaves a second where that time has passed', async () => {
      const podName = unique('pod');
      await runningPod(podName, podName);
      const first = await kube().send('DELETE', `${pods}/${podName}`, { gracePeriodSeconds: 60 });
      const shorter = await kube().send('DELETE', `${pods}/${podName}`, { gracePeriodSeconds: 20 });
      const endOf = (answer: typeof first): number =>
        Date.parse(textAt(answer.body, 'metadata', 'deletionTimestamp'));
      expect(endOf(first) - endOf(shorter)).toBe(40_000);
      const longer = await kube().send('DELETE', `${pods}/${podName}`, { gracePeriodSeconds: 50 });
      expect(endOf(longer)).toBe(endOf(shorter));
    });
    it('creates by a PUT what may be created so, and says it by 201', async () => {
      const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
      const name = unique('lease');
      const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec: {} };
      expect((await kube().send('PUT', `${leases}/${name}`, lease)).status).toBe(201);
    });
    it('takes no eviction in a namespace that is ending, not even of a pod that is not there', async () => {
      const space = unique('space');
      const finalizers = ['tugboot.dev/test'];
      await made('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: space } });
      const spacePods = `/api/v1/namespaces/${space}/pods`;
      await serviceAccountIn(space);
      await made(spacePods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'held', finalizers },
        spec: { nodeName: fixture.nowhere, containers: [{ name: 'c', image: 'example.test/c:1' }] },
      });
      await kube().send('DELETE', `/api/v1/namespaces/${space}`);
      for (const name of ['held', 'none']) {
        const refused = await kube().send('POST', `${spacePods}/${name}/eviction`, {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name },
        });
        expect([refused.status, reasonOf(refused)]).toEqual([403, 'Forbidden']);
        expect(at(refused.body, 'details', 'causes')).toEqual([
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${space} is being terminated`,
            field: 'metadata.namespace',
          },
        ]);
      }
      await kube().send('PATCH', `${spacePods}/held`, { metadata: { finalizers: null } }, mergePatch);
    });
    it('refuses an eviction that speaks of another namespace than its address', async () => {
      const podName = unique('pod');
      await runningPod(podName, podName);
      const refused = await kube().send('POST', `${pods}/${podName}/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: podName, namespace: 'kube-system' },
      });
      expect(refused.status).toBe(400);
      expect((await evict(podName)).status).toBe(201);
    });
    it('keeps a Node that a status write names wrongly', async () => {
      const nodeName = unique('node');
      await made('/api/v1/nodes', node(nodeName));
      const body = { metadata: { uid: wrongUid }, status: { conditions: [condition('Ready', 'False')] } };
      const refused = await kube().send('PATCH', `/api/v1/nodes/${nodeName}/status`, body, mergePatch);
      expect([refused.status, messageOf(refused)]).toEqual([
        422,
        expect.stringContaining(`metadata.uid: Invalid value: "${wrongUid}": field is immutable`),
      ]);
    });
  });

  /**
   * A real server admits a pod only when its namespace has one, which a controller makes; the demo knows
   * none.
   */
  async function serviceAccountIn(namespace: string): Promise<void> {
    const known = await kube().send('GET', '/api/v1/serviceaccounts');
    if (known.status !== 200) return;
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
    await expect.poll(async () => (await kube().send('GET', path)).status).toBe(200);
  }
}
