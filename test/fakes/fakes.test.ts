/** The fakes pass the same contracts as the real adapters. */
import { type ChatBench, chatContract } from '../contracts/chat-contract.ts';
import { clusterContracts } from '../contracts/cluster/cluster-contracts.ts';
import { directoryContract } from '../contracts/directory-contract.ts';
import { gatekeeperContract } from '../contracts/gatekeeper-contract.ts';
import { hooksContract } from '../contracts/hooks-contract.ts';
import { ledgerContract } from '../contracts/ledger-contract.ts';
import { poolDigestsContract } from '../contracts/pool-digests-contract.ts';
import { pausesContract } from '../contracts/pauses-contract.ts';
import { type Handle, queueContract } from '../contracts/queue-contract.ts';
import { rebootStoreContract } from '../contracts/reboot-store-contract.ts';
import { silencesContract } from '../contracts/silences-contract.ts';
import { type Instant, minute } from '../../src/reboot/time/time.ts';
import { aDecision, aNode, aPerson, at } from './builders.ts';
import { aCard } from '../bot/fixtures/cards.ts';
import { type FakeChannel, fakeChannel } from './ports/fake-channel.ts';
import { fakeChat } from './ports/fake-chat.ts';
import { fakeClock } from './fake-clock.ts';
import { fakeCluster } from './cluster/fake-cluster.ts';
import { fakeDirectory } from './ports/fake-directory.ts';
import { fakeDigests } from './ports/fake-digests.ts';
import { fakeGatekeeper } from './ports/fake-gatekeeper.ts';
import { fakeHooks } from './ports/fake-hooks.ts';
import { fakeLedger } from './ports/fake-ledger.ts';
import { fakePauses } from './ports/fake-pauses.ts';
import { fakeQueue } from './ports/fake-queue.ts';
import { fakeSilences } from './ports/fake-silences.ts';
import { fakeStore } from './ports/fake-store.ts';
import { failed } from './states.ts';

const nothing = async (): Promise<void> => undefined;

clusterContracts('the fake', async () => {
  const cluster = fakeCluster();
  return {
    cluster,
    addNode: async (name, labels = {}) => {
      const { uid, bootId } = aNode({ name });
      cluster.addNode(aNode({ name, labels }));
      return { node: name, uid, bootId };
    },
    removeNode: async (name) => cluster.removeNode(name),
    setBoot: async (name, bootId) => {
      cluster.node(name).bootId = bootId;
    },
    setReady: async (name, ready) => {
      cluster.node(name).ready = ready;
    },
    cordonAsOther: async (name) => {
      cluster.node(name).unschedulable = true;
    },
    requestAsOther: async (name, reason, how) => {
      cluster.node(name).requested = reason;
      if (how !== undefined) cluster.node(name).requestedBy = 'other';
      return 'other';
    },
    taintAsOther: async (name, key) => {
      cluster.node(name).taints = [{ key, effect: 'NoSchedule' }];
    },
    conditionAsOther: async (name, type, reason) => {
      cluster.node(name).conditions = { [type]: { status: 'True', reason, message: '' } };
    },
    uncordonAsOther: async (name) => {
      cluster.node(name).unschedulable = false;
    },
    addWorkload: async (_node, { kind, name, ready }) => {
      const progress = { at: at(0), total: 1, gone: 0, leaving: [], waiting: [], trouble: [] };
      cluster.drains([
        { kind: 'progress', progress },
        { kind: 'drained', pods: 1 },
      ]);
      if (kind !== 'DaemonSet' && kind !== 'Job')
        cluster.workloads = [...cluster.workloads, { kind, namespace: 'default', name, ready }];
    },
    removeWorkload: nothing,
    eventsOf: async (name) =>
      cluster.events.filter(({ node, reboot }) => node === name || reboot?.name === name),
    settled: nothing,
    close: nothing,
  };
});

const atChannel = (channel: FakeChannel, now: () => Instant): ChatBench => {
  const cards = () => channel.messages.filter(({ thread, broadcast }) => thread === undefined || broadcast);
  return {
    chat: fakeChat(now, channel),
    data: (reboot) => aCard(reboot),
    cards: () => cards().map(({ text }) => text),
    replies: () => channel.messages.filter(({ thread }) => thread !== undefined).map(({ text }) => text),
    now,
    run: (work) => work,
    restart: () => atChannel(channel, now),
    deleteCard: () => channel.remove(cards()[0]?.ts ?? ''),
    loseNextAnswer: () => channel.loseNextAnswer(),
    close: nothing,
  };
};

const { now } = fakeClock();
chatContract('the fake', async () => atChannel(fakeChannel(now), now), {
  asking: { state: { phase: 'Pending', since: at(0), approvals: [] } },
  approved: { state: { phase: 'Approved', since: at(0), decision: aDecision() } },
  failed: { state: failed() },
});

rebootStoreContract('the fake', async () => {
  const store = fakeStore();
  return { store, other: store, settled: nothing, close: nothing };
});

ledgerContract('the fake', async () => {
  const ledger = fakeLedger();
  return { ledger, other: ledger, events: async () => ledger.events.map(({ note }) => note), close: nothing };
});

poolDigestsContract('the fake', async () => {
  const digests = fakeDigests();
  const other = digests.other();
  return { digests, other, sync: () => other.sync(), close: async () => undefined };
});

pausesContract('the fake', async () => {
  const pauses = fakePauses();
  return { pauses, other: pauses, close: nothing };
});

gatekeeperContract('the fake', async () => {
  const gatekeeper = fakeGatekeeper();
  return {
    gatekeeper,
    gates: {},
    code: 'alerts-firing',
    perNode: true,
    block: async (node) => {
      const sentence = 'Alert KubeAPIDown is active.';
      const clears = 'It starts when it has cleared.';
      gatekeeper.blocks.set(node, [{ code: 'alerts-firing', sentence, clears }]);
    },
    unblock: async (node) => void gatekeeper.blocks.delete(node),
    goAway: async () => {
      gatekeeper.down = 'it does not answer in time';
    },
    close: nothing,
  };
});

const hook = {
  access: { url: 'https://hook.example.com', headers: {} },
  timeout: 10 * minute,
  onFailure: 'fail',
} as const;

hooksContract('the fake', async () => {
  const hooks = fakeHooks();
  return {
    hooks,
    hook,
    reply: (node, step, reply) => {
      const answers = {
        yes: { kind: 'done' },
        nothing: { kind: 'wait', said: 'cannot be asked: it does not answer in time' },
        'not yet': { kind: 'wait', said: `says not yet: ${'why' in reply ? reply.why : ''}` },
        never: { kind: 'failed', said: `says no: ${'why' in reply ? reply.why : ''}` },
      } as const;
      hooks.answers.set(`${node} ${step}`, answers[reply.says]);
    },
    close: nothing,
  };
});

silencesContract('the fake', async () => {
  const time = fakeClock();
  const silences = fakeSilences(time.now);
  return {
    silences,
    other: silences,
    silence: { access: { url: 'https://alerts.example.com', headers: {} }, matchers: [] },
    now: time.now,
    advance: (ms) => time.advance(ms),
    active: async () => [...silences.active.values()].filter((end) => end > time.now()).length,
    goAway: async () => {
      silences.down = 'it cannot be reached';
    },
    close: nothing,
  };
});

const methods = {
  look: 'reconcileNode',
  plan: 'plan',
  start: 'start',
  advance: 'reconcile',
  drain: 'drain',
  render: 'render',
  digest: 'updateDigest',
  spread: 'spread',
} as const;

queueContract('the fake', async () => {
  const time = fakeClock();
  const jobs = fakeQueue(time.now);
  let handle: Handle | undefined;
  return {
    queue: jobs.port,
    other: jobs.port,
    now: time.now,
    start: (given) => {
      handle = given;
    },
    async until(what, holds) {
      while (!holds()) {
        const job = jobs.waiting.shift();
        const next = jobs.nextWake(Infinity);
        if (job) await handle?.(methods[job.kind], job.id);
        else if (next === undefined) throw new Error(`never came true: ${what}`);
        else time.set(next);
        jobs.wakeDue();
      }
    },
    async unreachable() {
      jobs.down = true;
      return jobs.port;
    },
    close: nothing,
  };
});

directoryContract('the fake', async () => {
  const channels = ['C0REBOOTS'];
  const directory = fakeDirectory(
    aPerson({ groups: ['S0ONCALL'], channels }),
    aPerson({ id: 'U0SAM', name: 'sam', channels }),
    aPerson({ id: 'U0GIO', name: 'gio', guest: true, channels }),
    aPerson({ id: 'U0KIM', name: 'kim', foreign: true, channels }),
    aPerson({ id: 'U0OLD', name: 'old', deactivated: true, channels: [] }),
  );
  return {
    directory,
    team: 'T0',
    group: 'S0ONCALL',
    channel: 'C0REBOOTS',
    people: { member: 'U0MIA', nonMember: 'U0SAM', guest: 'U0GIO', stranger: 'U0KIM', left: 'U0OLD' },
    goAway: async () => {
      directory.down = true;
    },
    run: (work) => work,
    close: nothing,
  };
});
