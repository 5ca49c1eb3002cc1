import { describe, expect, it } from 'vitest';
import { type JsonObject, textAt } from '../../../demo/kube/json.ts';
import { until } from '../../k8s/world/until.ts';
import { type KubeFixture } from './kube-fixture.ts';
import { type RawKube, versionOf, within } from './raw-kube.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const lines = '/apis/mooring.tugboot.dev/v1/lines';

const definition: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'lines.mooring.tugboot.dev' },
  spec: {
    group: 'mooring.tugboot.dev',
    scope: 'Cluster',
    names: { plural: 'lines', singular: 'line', kind: 'Line', listKind: 'LineList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

/**
 * What becomes of a kind, its objects and their watches when somebody deletes its definition, and when it is
 * back.
 */
export function definitionContract({ unique, made }: KubeFixture, kube: () => RawKube): void {
  const line = (name: string): JsonObject => ({
    apiVersion: 'mooring.tugboot.dev/v1',
    kind: 'Line',
    metadata: { name },
  });
  const define = async (): Promise<void> => {
    await made(definitions, definition);
    await until('it is served', async () => (await kube().send('GET', lines)).status === 200);
  };
  const remove = (): Promise<{ readonly status: number }> =>
    kube().send('DELETE', `${definitions}/lines.mooring.tugboot.dev`);
  const isGone = (): Promise<void> =>
    until('it is served no more', async () => (await kube().send('GET', lines)).status === 404);

  describe('a definition that is deleted', () => {
    it('takes its objects with it, each told of by the watch, which ends; then its kind is not found, and works anew when it is back', async () => {
      await define();
      const names = [unique('bow'), unique('stern')];
      for (const name of names) await made(lines, line(name));
      const listed = await kube().send('GET', lines);
      const watch = await kube().watch(`${lines}?watch=true&resourceVersion=${versionOf(listed)}`);
      expect((await remove()).status).toBe(200);
      const events = [await watch.next(), await watch.next()];
      expect(events.map(({ type }) => type)).toEqual(['DELETED', 'DELETED']);
      expect(events.map(({ object }) => textAt(object, 'metadata', 'name')).sort()).toEqual(names);
      await within(watch.ended);
      await isGone();
      expect((await kube().send('POST', lines, line(unique('bow')))).status).toBe(404);
      expect((await kube().watch(`${lines}?watch=true&resourceVersion=1`)).status).toBe(404);
      await define();
      expect((await kube().send('GET', lines)).text).toContain('"items":[]');
      await made(lines, line(unique('bow')));
      await remove();
      await isGone();
    });
  });
}
