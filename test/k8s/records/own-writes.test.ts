/** The writes of one Reboot by one process wait for one another, and lose no request to each other. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aReboot } from '../../fakes/builders.ts';
import { type ApiWorld, startApiWorld } from '../world/api.ts';

let world: ApiWorld;
beforeEach(async () => {
  world = await startApiWorld();
});
afterEach(() => world.close());

const patches = (): readonly number[] =>
  world.api
    .requests()
    .flatMap(({ verb, path, status }) => (verb === 'patch' && path.endsWith('/status') ? [status] : []));

it('of two writes at once the second is told of the first, and not by the API server', async () => {
  const { store, ...kube } = world.connect();
  await kube.start(() => undefined, new AbortController().signal);
  const created = await store.create(aReboot());
  if (created === 'exists') throw new Error('the API was not empty');
  const before = patches().length;
  const save = (begun: string) => store.save({ ...created, chat: { replies: { begun } } });
  const [first, second] = await Promise.all([save('1'), save('2')]);
  expect(first).toMatchObject({ chat: { replies: { begun: '1' } } });
  expect(second).toBe('conflict');
  expect(await store.latest(created.name)).toEqual(first);
  expect(patches().slice(before)).toEqual([200]);
});

it('the lists of all Reboots are made anew only where one has changed', async () => {
  const { store, ...kube } = world.connect();
  await kube.start(() => undefined, new AbortController().signal);
  const created = await store.create(aReboot());
  if (created === 'exists') throw new Error('the API was not empty');
  const [all, unreadable] = [store.all(), store.unreadable()];
  expect(all).toEqual([created]);
  expect(store.all()).toBe(all);
  expect(store.unreadable()).toBe(unreadable);
  const saved = await store.save({ ...created, chat: { replies: { begun: '1' } } });
  expect(store.all()).toEqual([saved]);
});
