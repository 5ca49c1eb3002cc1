import { describe, expect, it } from 'vitest';
import type { Program } from '../../../demo/environment/programs.ts';
import { textAt } from '../../../src/k8s/api/json-value.ts';
import {
  ordersGiven,
  type Setting,
  type Story,
  type StoryEnvironment,
  workers,
} from '../../stories/story-environment.ts';
import { kindOfWrite, type WriteKind } from '../harness/kind-of-write.ts';
import type { WriteInterceptor } from '../harness/http-proxy.ts';
import type { RealEnvironment } from '../harness/real-environment.ts';
import { botThroughDoor } from './bot-through-door.ts';
import { expectOneCardEach, rebootsOf, turnsTaken } from './phases.ts';

type DemoEnvironment = StoryEnvironment<RealEnvironment>;

/**
 * Each on its way once, in two reboots: with more than ten bots at a time, Slack would take no more
 * connections.
 */
const writes: readonly (readonly WriteKind[])[] = [
  [
    'ledger made',
    'reboot Draining',
    'cordon',
    'eviction',
    'order',
    'reboot Succeeded',
    'uncordon',
    'withdrawal',
    'ledger',
  ],
  [
    'agent made',
    'condition',
    'reboot made',
    'reboot Pending',
    'reboot Approved',
    'reboot Rebooting',
    'reboot Settling',
    'event',
  ],
];

interface Winter {
  /** Starts a bot that may freeze; whenever one does, the next takes its place. */
  begin(): Promise<void>;
  readonly frozenAt: () => readonly WriteKind[];
  /** Wakes them all; resolves with the answers to the writes that were on their way all the time. */
  thaw(): Promise<ReadonlyMap<WriteKind, number>>;
}

/** At the first write of each of these kinds, the bot that makes it is frozen before it arrives. */
function createWinter(environment: DemoEnvironment, fatal: readonly WriteKind[]): Winter {
  const left = new Set(fatal);
  const frozen: { readonly kind: WriteKind; readonly bot: Program }[] = [];
  const spring = Promise.withResolvers<void>();
  const answers = new Map<WriteKind, number>();
  const begin = async (): Promise<void> => {
    const started = Promise.withResolvers<Program>();
    let isFrozen = false;
    const porter: WriteInterceptor = async (write) => {
      const kind = kindOfWrite(write);
      if (isFrozen) {
        // It was on its way when the process froze.
        await spring.promise;
        return undefined;
      }
      if (!left.has(kind)) return undefined;
      left.delete(kind);
      isFrozen = true;
      const bot = await started.promise;
      bot.child.kill('SIGSTOP');
      frozen.push({ kind, bot });
      await begin();
      await spring.promise;
      return (status) => answers.set(kind, status);
    };
    started.resolve(await botThroughDoor(environment, porter));
  };
  return {
    begin,
    frozenAt: () => frozen.map(({ kind }) => kind),
    async thaw() {
      for (const { bot } of frozen) bot.child.kill('SIGCONT');
      spring.resolve();
      await environment.eventually('every late write is answered', () => answers.size === frozen.length);
      return answers;
    },
  };
}

/** Processes that are suspended, and resume long after others have finished their work. */
export function frozenFaults(story: Story<RealEnvironment>): void {
  describe('a worker is frozen just before a write, and woken when another has finished the reboot', () => {
    it.each(writes)('at %s, %s, %s and so on: what comes too late does no harm', (...fatal) =>
      story(unattended, (environment) => winterTale(environment, fatal))(),
    );
  });
}

/** No buttons are pressed: a frozen bot would not receive the click. */
const unattended: Setting = {
  bots: 0,
  // Each that freezes holds its jobs for some seconds until they are taken over.
  patience: 240_000,
  pools: [
    {
      ...workers,
      approval: 'auto',
      notice: '0s',
      drain: { timeout: '10m' },
      rebootTimeout: '5m',
      settleTimeout: '5m',
    },
  ],
};

async function winterTale(environment: DemoEnvironment, fatal: readonly WriteKind[]): Promise<void> {
  // A late eviction is refused for its UID, but not before the API server has counted it against the budget
  // of the pod that has the name now, for two minutes (pkg/registry/core/pod/storage/eviction.go of 1.36):
  // the next drain would wait for that.
  await environment.kube('DELETE', '/apis/policy/v1/namespaces/db/poddisruptionbudgets/pg');
  await environment.kube('DELETE', '/apis/policy/v1/namespaces/shop/poddisruptionbudgets/api');
  const winter = createWinter(environment, fatal);
  await winter.begin();
  const before = environment.bootId('worker-1');
  await environment.world.aptUpgrade('worker-1');
  await environment.eventually('the reboot is over', () => isOver(environment));
  const after = environment.bootId('worker-1');
  expect(after).not.toBe(before);
  expect(winter.frozenAt().toSorted()).toEqual(fatal.toSorted());

  const answers = await winter.thaw();
  // The API server itself refuses what is late for a Reboot, a node, its agent, the ledger or a pod. An Event
  // may be told late.
  for (const kind of fatal.filter((each) => each !== 'event'))
    expect([kind, answers.get(kind)]).toEqual([kind, expect.toBeOneOf([404, 409, 422])]);
  await afterwards(environment);

  expect(environment.bootId('worker-1')).toBe(after);
  expect(environment.node('worker-1').cordoned).toBe(false);
  expect(await ordersGiven(environment, 'worker-1')).toBe(1);
  const agent = await environment.kube('GET', '/apis/tugboot.dev/v1alpha1/nodeagents/worker-1');
  expect(agent['spec']).toEqual({});
  expect(await turnsTaken(environment)).toEqual([]);
  const phases = (await rebootsOf(environment, 'worker-1')).map((reboot) =>
    textAt(reboot, 'status', 'phase'),
  );
  expect(phases).toEqual(['Succeeded']);
  expectOneCardEach(environment, ['worker-1']);
}

async function isOver(environment: DemoEnvironment): Promise<boolean> {
  const [reboot] = await rebootsOf(environment, 'worker-1');
  return (
    textAt(reboot, 'status', 'phase') === 'Succeeded' &&
    (await turnsTaken(environment)).length === 0 &&
    !environment.node('worker-1').cordoned
  );
}

/**
 * All have seen, and carried out, whatever their late answers made them do: a whole reboot of another node
 * comes after that.
 */
async function afterwards(environment: DemoEnvironment): Promise<void> {
  await environment.world.aptUpgrade('worker-2');
  await environment.card('worker-2', /^✓/u);
  await environment.isFree('worker-2');
}
