/** What a resync removes of the Reboots that have ended. */
import { expect, it } from 'vitest';
import { day, minute } from '../../../src/reboot/time/time.ts';
import { aPolicy, aReboot, at } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';
import { fakeStore } from '../../fakes/ports/fake-store.ts';

/** `count` reboots of a node, one a minute, the first of them `since` the noon of the builders. */
function ended(harness: ServiceHarness, node: string, count: number, since: number): void {
  for (let nth = 0; nth < count; nth += 1)
    harness.store.put(
      aReboot({
        name: `${node}-${nth}`,
        node: { name: node, uid: `uid-${node}` },
        bootId: `boot-${nth}`,
        state: { phase: 'Superseded', since: at(since + nth * minute), why: 'booted', from: 'Pending' },
      }),
    );
}

const namesOf = (harness: ServiceHarness, node: string): readonly string[] =>
  harness.store.all().flatMap((reboot) => (reboot.node.name === node ? [reboot.name] : []));

it('keeps the last five of each node, however many others have ended since', async () => {
  const harness = serviceHarness(aPolicy({ history: { keep: 10, maxAge: 90 * day } }));
  ended(harness, 'w-1', 7, -day);
  ended(harness, 'w-2', 20, -60 * minute);
  await harness.service.resync();
  expect(namesOf(harness, 'w-1')).toEqual(['w-1-2', 'w-1-3', 'w-1-4', 'w-1-5', 'w-1-6']);
  expect(namesOf(harness, 'w-2')).toHaveLength(10);
});

it('keeps no more of a node than of all, and none beyond its age', async () => {
  const harness = serviceHarness(aPolicy({ history: { keep: 2, maxAge: 10 * day } }));
  ended(harness, 'w-1', 4, -day);
  ended(harness, 'w-2', 4, -20 * day);
  await harness.service.resync();
  expect(namesOf(harness, 'w-1')).toEqual(['w-1-2', 'w-1-3']);
  expect(namesOf(harness, 'w-2')).toEqual([]);
});

it.each([
  ['of one byte', 'x'],
  ['of two bytes', 'é'],
])('keeps of them what takes no more than 32 MiB in all, the latest first: characters %s', async (_, one) => {
  const harness = serviceHarness(aPolicy({ history: { keep: 1, maxAge: 90 * day } }));
  const names = Array.from({ length: 40 }, (_, nth) => `w-${nth}`);
  const name = one.repeat((1024 * 1024) / Buffer.byteLength(one));
  const bulk = { ...aReboot().need, packages: [{ name, risk: 'other' as const }] };
  for (const [nth, node] of names.entries()) {
    ended(harness, node, 1, -day + nth * minute);
    const record = harness.store.cached(`${node}-0`) ?? aReboot();
    harness.store.put({ ...record, need: bulk });
  }
  await harness.service.resync();
  expect(harness.store.all().map(({ node }) => node.name)).toEqual(names.slice(-31));
});

it('finds the size of a record once, and not at each resync', async () => {
  const store = fakeStore();
  let written = 0;
  const counted = Array.from({ length: 6 }, (_, nth) => {
    const state = { phase: 'Superseded', since: at(nth * minute), why: 'booted', from: 'Pending' } as const;
    const reboot = aReboot({ name: `w-1-${nth}`, bootId: `boot-${nth}`, state });
    const toJSON = (): unknown => {
      written += 1;
      return reboot;
    };
    return { ...reboot, toJSON };
  });
  const harness = serviceHarness(aPolicy({ history: { keep: 6, maxAge: 90 * day } }), {
    store: { ...store, all: () => counted },
  });
  await harness.service.resync();
  expect(written).toBeLessThanOrEqual(6);
  const first = written;
  await harness.service.resync();
  expect(written).toBe(first);
});
