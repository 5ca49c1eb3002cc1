import { expect, it } from 'vitest';
import { recentObjects } from '../../../src/k8s/watch/recent-objects.ts';
import { second } from '../../../src/reboot/time/time.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

const node = (name: string) => ({ metadata: { name, resourceVersion: '7' } });

it('an object counts for five seconds, and only while the watch shows the same version', () => {
  const clock = fakeClock();
  const watched = new Map([
    ['n1', '7'],
    ['n2', '8'],
  ]);
  const recent = recentObjects<ReturnType<typeof node>>(clock, (name) => watched.get(name));
  recent.remember(node('n1'), clock.now());
  recent.remember(node('n2'), clock.now());
  expect(recent.get('n1')?.object).toEqual(node('n1'));
  expect(recent.get('n2')).toBeUndefined();
  clock.set(clock.now() + 5 * second);
  expect(recent.get('n1')).toBeUndefined();
});

it('a wave of writes keeps the last 256 only', () => {
  const clock = fakeClock();
  const recent = recentObjects<ReturnType<typeof node>>(clock, () => '7');
  for (let nth = 1; nth <= 1000; nth += 1) recent.remember(node(`n${nth}`), clock.now());
  expect(recent.get('n744')).toBeUndefined();
  expect(recent.get('n745')?.object.metadata.name).toBe('n745');
  expect(recent.get('n1000')?.object.metadata.name).toBe('n1000');
});
