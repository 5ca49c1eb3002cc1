/** Somebody deletes a CustomResourceDefinition of ours, or has not applied it yet. */
import { afterEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { claimAtStart } from '../../src/lifecycle/claim-cluster.ts';
import { field } from '../../src/k8s/api/json-value.ts';
import type { KubeChange } from '../../src/k8s/kube.ts';
import { aReboot, at } from '../fakes/builders.ts';
import { type ApiWorld, crdTexts, keepingLogger, realSleep, startApiWorld } from './world/api.ts';
import { handOf } from './world/hand.ts';
import { until } from './world/until.ts';

/** The watch logs the error, the start its sentence. */
const isWarned = ({ level, fields }: { level: string; fields: unknown }): boolean =>
  level === 'warn' &&
  [field(fields, 'err'), field(fields, 'why')].some((said) => sentence.test(String(said)));

let world: ApiWorld;
afterEach(() => world.close());

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const apply = async (): Promise<void> => {
  for (const text of crdTexts)
    await world.admin.send({ method: 'POST', path: definitions, body: parse(text) as unknown });
};
const sentence = /does not serve (reboots|nodeagents)\.tugboot\.dev.*Apply charts\/tugboot\/files\/crds\//;

it('its Reboots are told of as deleted, with what they were, and the watch goes on when it is back', async () => {
  world = await startApiWorld();
  const [over, logger] = [new AbortController(), keepingLogger()];
  const kube = world.connect({ logger });
  const changes: KubeChange[] = [];
  await kube.start((change) => void changes.push(change), over.signal);
  await kube.store.create(aReboot());
  await until('it is known', () => kube.store.all().length === 1);
  await world.admin.send({ method: 'DELETE', path: `${definitions}/reboots.tugboot.dev` });
  await until('it is told of as deleted', () => changes.some(({ kind }) => kind === 'reboot-deleted'));
  expect(changes.find(({ kind }) => kind === 'reboot-deleted')).toMatchObject({
    reboot: { name: aReboot().name, bootId: 'boot-1' },
  });
  expect(kube.store.all()).toEqual([]);
  await until('the kind is gone', async () => {
    const answer = await world.admin.send({ method: 'GET', path: '/apis/tugboot.dev/v1alpha1/reboots' });
    return !answer.ok && answer.status.code === 404;
  });
  await expect(kube.store.create(aReboot())).rejects.toMatchObject({
    code: 'definition-missing',
    retryable: true,
    message: expect.stringMatching(sentence) as string,
  });
  await until('the log says what is missing', () => logger.lines.some(isWarned));
  await apply();
  await kube.store.create(aReboot({ name: 'worker-03-next' }));
  changes.length = 0;
  // Made by another, so that only the watch can tell of it.
  await world.connect().store.create(aReboot({ name: 'worker-04-other' }));
  await until('the watch goes on', () => kube.store.all().some(({ name }) => name === 'worker-04-other'));
  expect(changes).toContainEqual({ kind: 'reboot-appeared', name: 'worker-04-other' });
  over.abort();
});

it.each(['reboots', 'nodeagents'])(
  'a start without %s waits, says what is missing, and goes on',
  async (kind) => {
    world = await startApiWorld({ crds: crdTexts.filter((text) => !text.includes(`name: ${kind}.`)) });
    const [over, logger] = [new AbortController(), keepingLogger()];
    const kube = world.connect({ logger });
    const waits: (string | undefined)[] = [];
    const deps = {
      kube,
      sleep: realSleep,
      random: () => 0,
      logger,
      waits: (why?: string) => void waits.push(why),
    };
    const starting = claimAtStart(deps, over.signal).then(() => kube.start(() => undefined, over.signal));
    await until('the log says what is missing', () => logger.lines.some(isWarned));
    if (kind === 'nodeagents') expect(waits.at(-1)).toMatch(sentence);
    await apply();
    await starting;
    expect(waits.at(-1)).toBeUndefined();
    await handOf(world.admin).addNode('n1');
    await until('it watches', () => kube.cluster.nodes().length === 1);
    over.abort();
  },
);

it('another installation is not waited for', async () => {
  world = await startApiWorld();
  const other = world.connect({ namespace: 'other-namespace' });
  const target = await handOf(world.admin).addNode('n1');
  await other.cluster.ensureAgent({ name: 'n1', uid: target.uid });
  const deps = {
    kube: world.connect(),
    sleep: realSleep,
    random: () => 0,
    logger: keepingLogger(),
    waits: () => undefined,
  };
  await expect(claimAtStart(deps, new AbortController().signal)).rejects.toThrow(/Another Tugboot owns/);
});

it.each([
  ['drops a field', (text: string) => text.replaceAll('conditions:', 'anything:')],
  ['refuses a value', (text: string) => text.replaceAll(/^ +- entered\n/gm, '')],
])('a definition of an earlier version that %s is told of as such', async (_what, older) => {
  world = await startApiWorld({ crds: crdTexts.map(older) });
  const { store } = world.connect();
  const outdated = {
    code: 'definition-missing',
    retryable: true,
    message: expect.stringMatching('earlier version'),
  };
  const history = [{ at: at(0), what: 'entered', phase: 'Pending' }] as const;
  await expect(store.create(aReboot({ history }))).rejects.toMatchObject(outdated);
});
