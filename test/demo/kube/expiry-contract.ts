import { describe, expect, it } from 'vitest';
import { numberAt, textAt } from '../../../demo/kube/json.ts';
import { configMap, type KubeFixture, maps } from './kube-fixture.ts';
import { mergePatch, namesOf, type RawKube, reasonOf, versionOf, within } from './raw-kube.ts';

export interface Forgetful {
  /** The server remembers nothing of what happened before now, only what is. */
  forget(): Promise<void>;
}

/** The part of the API's contract that every long-lived copy of a collection lives by. */
export function expiryContract(fixture: KubeFixture, kube: () => RawKube, server: () => Forgetful): void {
  const { unique, made } = fixture;
  describe('what is forgotten', () => {
    it('is told to a watch in its stream, as 410 Expired, and ends it', async () => {
      const early = await made(maps, configMap(unique('cm')));
      await made(maps, configMap(unique('cm')));
      await server().forget();
      const watch = await kube().watch(`${maps}?watch=true&resourceVersion=${versionOf(early)}`);
      const event = await watch.next();
      expect([watch.status, event.type]).toEqual([200, 'ERROR']);
      expect([numberAt(event.object, 'code'), textAt(event.object, 'reason')]).toEqual([410, 'Expired']);
      expect(textAt(event.object, 'message')).toMatch(/^too old resource version: \d+ \(\d+\)$/);
      await within(watch.ended);
    });
    it('is told to a continued list, which may begin anew', async () => {
      const app = unique('app');
      for (const letter of ['a', 'b']) await made(maps, configMap(`${app}-${letter}`, {}, { app }));
      const query = `labelSelector=app%3D${app}&limit=1`;
      const first = await kube().send('GET', `${maps}?${query}`);
      await made(maps, configMap(`${app}-c`, {}, { app }));
      await server().forget();
      const token = encodeURIComponent(textAt(first.body, 'metadata', 'continue'));
      const refused = await kube().send('GET', `${maps}?${query}&continue=${token}`);
      expect([refused.status, reasonOf(refused)]).toEqual([410, 'Expired']);
      expect(namesOf(await kube().send('GET', `${maps}?labelSelector=app%3D${app}`))).toEqual(
        ['a', 'b', 'c'].map((letter) => `${app}-${letter}`),
      );
    });
    it('cannot be told from what is yet to come: a watch from a later version says nothing until it is reached', async () => {
      const app = unique('app');
      const created = await made(maps, configMap(app, {}, { app }));
      const ahead = Number(versionOf(created)) + 1_000_000;
      const watch = await kube().watch(
        `${maps}?watch=true&allowWatchBookmarks=true&timeoutSeconds=2&resourceVersion=${ahead}`,
      );
      await kube().send('PATCH', `${maps}/${app}`, { data: { a: '2' } }, mergePatch);
      const event = watch.next().then(
        ({ type }) => type,
        () => 'nothing',
      );
      await within(watch.ended);
      expect(watch.status).toBe(200);
      expect(await Promise.race([event, Promise.resolve('nothing')])).toBe('nothing');
    });
    it('does not trouble a watch from the newest version', async () => {
      const app = unique('app');
      await made(maps, configMap(unique('cm')));
      await server().forget();
      const listed = await kube().send('GET', `${maps}?labelSelector=app%3D${app}`);
      const watch = await kube().watch(
        `${maps}?watch=true&labelSelector=app%3D${app}&resourceVersion=${versionOf(listed)}`,
      );
      await made(maps, configMap(app, {}, { app }));
      expect((await watch.next()).type).toBe('ADDED');
      watch.close();
    });
  });
}
