import { describe, expect, it } from 'vitest';
import { createKubeClient, type KubeClient } from '../../../src/k8s/api/client.ts';
import { kubeAccess } from '../../../src/k8s/api/kube-access.ts';
import { createTransport } from '../../../src/k8s/api/transport.ts';
import { realSleep, systemClock } from '../../k8s/world/api.ts';
import { handOf } from '../../k8s/world/hand.ts';
import { ordersGiven, type Story, type StoryEnvironment } from '../../stories/story-environment.ts';
import { kindOfWrite, type WriteKind } from '../harness/kind-of-write.ts';
import { bot } from '../harness/install-chart.ts';
import type { WriteInterceptor, Write } from '../harness/http-proxy.ts';
import type { RealEnvironment } from '../harness/real-environment.ts';
import { botThroughDoor } from './bot-through-door.ts';
import { expectOneCardEach, turnsTaken } from './phases.ts';

type DemoEnvironment = StoryEnvironment<RealEnvironment>;

/**
 * A second client with the bot's token: the admission policies let nobody else create records or change
 * orders.
 */
async function openTwin(environment: DemoEnvironment): Promise<KubeClient> {
  const access = kubeAccess({ kubeconfig: await environment.cluster.kubeconfigOf(bot) }, systemClock);
  const transport = createTransport(access.proxy);
  const twin = createKubeClient({ access, transport, sleep: realSleep, userAgent: 'tugboot-test' });
  environment.supervisor.onEnd(() => twin.close());
  return twin;
}

/** Makes what a write is about newer than what the writer has read of it. */
async function overtake(environment: DemoEnvironment, twin: KubeClient, write: Write): Promise<void> {
  const { method, path, body } = write;
  if (method === 'POST' && !path.endsWith('/eviction')) {
    // The very same object is created a moment earlier.
    await handOf(twin).ask({ method: 'POST', path, body: JSON.parse(body) });
    return;
  }
  const object = path.replace(/\/(status|eviction)$/, '');
  // A withdrawal is conditional on the order alone, so that only an earlier withdrawal makes it fail: the
  // second client withdraws first.
  if (kindOfWrite(write) === 'withdrawal')
    await handOf(twin).ask({
      method: 'PATCH',
      path: object,
      patch: 'merge',
      body: { spec: { endBoot: null } },
    });
  else if (path.endsWith('/eviction')) await environment.kube('DELETE', object, { gracePeriodSeconds: 0 });
  else
    await environment.kube('PATCH', object, {
      metadata: { annotations: { 'example.com/seen': `${performance.now()}` } },
    });
}

type Kind = WriteKind | 'note';

/** The notes on a node are annotations of its NodeAgent. */
const kindOf = (write: Write): Kind =>
  /\/nodeagents\/[^/]+$/.test(write.path) && write.body.includes('"/metadata/annotations"')
    ? 'note'
    : kindOfWrite(write);

interface Meddler {
  readonly porter: WriteInterceptor;
  /** The answers to the writes that were overtaken, by kind. */
  readonly answers: ReadonlyMap<Kind, readonly number[]>;
}

/**
 * The second client wins at every other write of each kind to each object; the attempts in between succeed.
 */
async function createMeddler(environment: DemoEnvironment): Promise<Meddler> {
  const twin = await openTwin(environment);
  const attempts = new Map<string, number>();
  const answers = new Map<Kind, number[]>();
  return {
    answers,
    async porter(write) {
      const kind = kindOf(write);
      const key = `${kind} ${write.path}`;
      const attempt = (attempts.get(key) ?? 0) + 1;
      attempts.set(key, attempt);
      if (attempt % 2 === 0) return undefined;
      await overtake(environment, twin, write);
      return (status) => answers.set(kind, [...(answers.get(kind) ?? []), status]);
    },
  };
}

/** Every kind of write that a reboot needs, and what the API server says when it comes second. */
const refusedWith: Readonly<Partial<Record<WriteKind, number>>> = {
  'agent made': 409,
  condition: 422,
  'reboot made': 409,
  'reboot Pending': 409,
  'reboot Approved': 409,
  'reboot Draining': 409,
  'reboot Rebooting': 409,
  'reboot Settling': 409,
  'reboot Succeeded': 409,
  'ledger made': 409,
  ledger: 409,
  cordon: 422,
  eviction: 404,
  order: 422,
  withdrawal: 422,
  uncordon: 422,
  event: 409,
};

/** Comes only when the bot looks between a boot and the first report after it. */
const maybe = { note: 422 };

/** Writes that come second. */
export function conflictFaults(story: Story<RealEnvironment>): void {
  describe('somebody else is faster at each write', () => {
    it(
      'of every kind: the bot looks again, and the reboot is carried out once',
      story({ bots: 0 }, async (environment) => {
        const meddler = await createMeddler(environment);
        await botThroughDoor(environment, meddler.porter);
        const before = environment.bootId('worker-1');
        const card = await environment.upgrade('worker-1');
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /^✓/u);
        await environment.isFree('worker-1');

        // Exactly these kinds: a write of an unknown kind would not be tested.
        const first = [...meddler.answers].map(([kind, [status]]) => [kind, status]);
        expect({ ...maybe, ...Object.fromEntries(first) }).toEqual({ ...maybe, ...refusedWith });
        expect(environment.bootId('worker-1')).not.toBe(before);
        expect(await ordersGiven(environment, 'worker-1')).toBe(1);
        expectOneCardEach(environment, ['worker-1']);
        expect(await turnsTaken(environment)).toEqual([]);
      }),
    );

    it(
      'and it is a person who cordons the node at that very moment: the cordon stays theirs',
      story({ bots: 0 }, async (environment) => {
        const cordonFirst: WriteInterceptor = async (write) => {
          if (kindOfWrite(write) === 'cordon')
            await environment.kube('PATCH', write.path, { spec: { unschedulable: true } });
          return undefined;
        };
        await botThroughDoor(environment, cordonFirst);
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.card('worker-1', /^✓/u);
        expect(environment.node('worker-1').cordoned).toBe(true);
      }),
    );
  });
}
