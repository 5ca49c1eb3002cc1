/** What /reboot status says of whatever holds everything back. */
import { expect, it } from 'vitest';
import type { Pause } from '../../../src/reboot/scheduling/snapshot/pauses.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aNode, aPolicy, aPool, at, mia } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

function harness() {
  const pools = [
    aPool({ name: 'workers', selector: 'role=worker' }),
    aPool({ name: 'others', selector: '' }),
  ];
  const all = serviceHarness(aPolicy({ pools }));
  all.cluster.addNode(aNode({ name: 'w1', labels: { role: 'worker' } }));
  all.cluster.addNode(aNode({ name: 'o1', labels: {}, paused: 'disk swap' }));
  const status = async (of?: string) => {
    const answer = await all.service.status(of);
    return answer.ok ? answer.status : expect.unreachable();
  };
  return { ...all, status };
}
const of = (scope: Pause['scope'], more: Partial<Pause> = {}): Pause => ({
  scope,
  by: mia,
  at: at(0),
  ...more,
});

it('are the pauses in force, the widest first, those by annotation among them', async () => {
  const { pauses, status } = harness();
  await pauses.put(of({ kind: 'pool', pool: 'workers' }));
  await pauses.put(of({ kind: 'cluster' }));
  await pauses.put(of({ kind: 'node', node: 'w1' }, { until: at(-minute) }));
  expect((await status()).pauses.map(({ pause: { scope }, idle }) => [scope.kind, idle])).toEqual([
    ['cluster', false],
    ['pool', false],
    ['node', false],
  ]);
});

it('are those of the pool or node that was named, and of what is around it', async () => {
  const { pauses, status } = harness();
  await pauses.put(of({ kind: 'pool', pool: 'workers' }));
  await pauses.put(of({ kind: 'cluster' }));
  const named = async (what: string): Promise<readonly string[]> =>
    (await status(what)).pauses.map(({ pause }) => pause.scope.kind);
  expect(await named('w1')).toEqual(['cluster', 'pool']);
  expect(await named('workers')).toEqual(['cluster', 'pool']);
  expect(await named('others')).toEqual(['cluster']);
  expect(await named('o1')).toEqual(['cluster', 'node']);
});

it('is said of a pause that names no pool or node, since it was meant to hold somebody', async () => {
  const { pauses, status } = harness();
  await pauses.put(of({ kind: 'pool', pool: 'wrokers' }));
  await pauses.put(of({ kind: 'node', node: 'w9' }));
  expect((await status()).pauses.slice(0, 2).map(({ idle }) => idle)).toEqual([true, true]);
});

it('is a configuration that was refused, without the paths of addresses', async () => {
  const { refuses, status } = harness();
  expect(await status()).not.toHaveProperty('refused');
  refuses(
    '1 problem in tugboot.yaml\n  pools[0].calendars[0].url: Found "https://cal.example/secret-token/x.ics".',
  );
  expect((await status()).refused).toBe(
    '1 problem in tugboot.yaml\n  pools[0].calendars[0].url: Found "https://cal.example/…".',
  );
});
