/** `/reboot plan POOL`. */
import { expect, it } from 'vitest';
import { checkBlocks } from '../../../demo/slack/validate/surfaces.ts';
import type { Json } from '../../../demo/slack/json.ts';
import { poolForecast } from '../../../src/bot/views/answers/pool-forecast-answer.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import type { Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import {
  aDecision,
  aNode,
  aPolicy,
  aPool,
  aReboot,
  aWindow,
  at,
  mia,
  noon,
  pending,
} from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const approved: RebootState = { phase: 'Approved', since: at(0), decision: aDecision() };

const of = (node: string, state: RebootState, overrides: Partial<Reboot> = {}): Reboot =>
  aReboot({ name: `${node}-4f1c9a`, node: { name: node, uid: `uid-${node}` }, state, ...overrides });

const took = { drain: 2 * minute, boot: minute, settle: minute, total: 4 * minute };
const done = (node: string, total = took.total): Reboot =>
  of(node, {
    phase: 'Succeeded',
    since: at(-hour),
    decision: aDecision(),
    kernel: '6.8.0-49-generic',
    newBootId: 'boot-2',
    cordon: 'us',
    pods: 14,
    took: { ...took, total },
  });

async function plan(pool: Partial<PoolPolicy>, reboots: readonly Reboot[]) {
  const harness = serviceHarness(
    aPolicy({ concurrency: 10, pools: [aPool({ maxUnavailable: { count: 10 }, ...pool })] }),
  );
  for (const reboot of reboots) {
    harness.cluster.addNode(aNode({ name: reboot.node.name, uid: reboot.node.uid }));
    await harness.store.create(reboot);
  }
  const answer = await harness.service.preview('workers');
  if (!answer.ok || answer.of !== 'pool') return expect.unreachable();
  const view = poolForecast(answer);
  expect(checkBlocks(JSON.parse(JSON.stringify(view.blocks)) as Json, 'message')).toEqual([]);
  return { answer, text: JSON.stringify(view.blocks) };
}

it('lists those that wait in the order of their starts, with times from what earlier ones took', async () => {
  const { answer, text } = await plan({ concurrency: 2 }, [
    of('w1', approved, { need: { ...aReboot().need, since: at(-3 * hour) } }),
    of('w2', pending, { need: { ...aReboot().need, since: at(-2 * hour) } }),
    of('w3', approved),
    ...[3, 4, 9].map((minutes, index) => done(`d${index}`, minutes * minute)),
  ]);
  expect(answer.starts).toEqual([
    { node: 'w1', isApproved: true, at: noon },
    { node: 'w2', isApproved: false, at: noon },
    { node: 'w3', isApproved: true, at: noon + 4 * minute },
  ]);
  expect(answer.measured).toMatchObject({ reboots: 3, total: 4 * minute });
  expect(text).toContain('2 at a time, about 4 min each (median of the last 3');
  expect(text).toContain('1 of them needs a decision first');
  expect(text).toMatch(/2\. w2 · about .* · needs a decision/);
});

it('counts how many fit into the next windows', async () => {
  // Noon of a Sunday; the windows are on Tuesdays, 02:00 to 02:10 in Berlin.
  const windows = [aWindow({ length: 10 })];
  const nodes = ['w1', 'w2', 'w3'].map((name) =>
    of(name, { ...approved, decision: aDecision({ mode: 'window' }) }),
  );
  const { answer, text } = await plan({ windows }, [...nodes, done('d1')]);
  const opens = Date.UTC(2026, 10, 24, 1);
  expect(answer.openings.map(({ opens: from, nodes: count, done: until }) => [from, count, until])).toEqual([
    [opens, 2, opens + 8 * minute],
    [opens + 7 * 24 * hour, 1, opens + 7 * 24 * hour + 4 * minute],
  ]);
  expect(text).toContain('02:00–02:10');
});

it('gives the order without times as long as no reboot has been measured', async () => {
  const { answer, text } = await plan({}, [of('w1', approved)]);
  expect(answer.starts).toEqual([{ node: 'w1', isApproved: true }]);
  expect(text).toContain('How long one takes is not known yet');
});

it('says what holds starts back now, and on how many nodes', async () => {
  const harness = serviceHarness(aPolicy({ pools: [aPool()] }));
  for (const name of ['w1', 'w2']) {
    harness.cluster.addNode(aNode({ name, uid: `uid-${name}` }));
    await harness.store.create(of(name, approved));
  }
  await harness.pauses.put({
    scope: { kind: 'pool', pool: 'workers' },
    by: mia,
    at: at(0),
    reason: 'storage',
  });
  const answer = await harness.service.preview('work');
  expect(answer).toMatchObject({ ok: true, of: 'pool', blocked: [{ nodes: 2 }] });
  if (answer.ok && answer.of === 'pool')
    expect(JSON.stringify(poolForecast(answer).blocks)).toContain('storage');
});

it('says where none is decided, and that the window is open now', async () => {
  // Noon of a Sunday in UTC.
  const windows = [aWindow({ days: ['sun'], start: 12 * 60, length: 120 })];
  const { text } = await plan({ windows }, [of('w1', pending), of('w2', pending)]);
  expect(text).toContain('All need a decision first.');
  expect(text).toContain('The window that is open is Sun');
});

it('says that nothing waits', async () => {
  const { text } = await plan({}, [done('d1')]);
  expect(text).toContain('No node of pool workers waits for a reboot');
});

it('says that nothing can start where nodes that others took out use up the limit', async () => {
  const harness = serviceHarness(aPolicy({ pools: [aPool()] }));
  harness.cluster.addNode(aNode({ name: 'w1', uid: 'uid-w1' }));
  harness.cluster.addNode(aNode({ name: 'w2', uid: 'uid-w2', unschedulable: true }));
  await harness.store.create(of('w1', approved));
  const answer = await harness.service.preview('workers');
  expect(answer).toMatchObject({ ok: true, atOnce: 0 });
});
