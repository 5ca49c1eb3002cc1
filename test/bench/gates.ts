/** From the clearing of a gate to the cordon: how long an approved node waits without a blocker. */
import { renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type DemoEnvironment, openDemoEnvironment } from '../../demo/environment/demo-environment.ts';
import { fastTiming } from '../../demo/world/timers.ts';
import { worldThat } from '../../demo/story.ts';
import { type Bench, percentile, type Row, row } from './report.ts';

const patience = 60_000;
const pods = '/api/v1/namespaces/default/pods';

interface Case {
  readonly what: string;
  /** What its card shows while it is blocked. */
  readonly words: RegExp;
  /** Before anybody asks for the reboot. */
  readonly hold: (bench: Stage) => Promise<unknown>;
  readonly clear: (bench: Stage) => Promise<unknown>;
  /** Afterwards, for the next round. */
  readonly tidy?: (bench: Stage) => Promise<unknown>;
}

interface Stage {
  readonly environment: DemoEnvironment;
  readonly kube: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly type: (text: string) => Promise<unknown>;
  readonly configure: (blockingPods: readonly string[], settleTime?: string) => void;
}

const pod = (name: string, more: { readonly metadata?: object; readonly spec?: object }) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...more.metadata },
  spec: { containers: [{ name: 'main', image: 'pause' }], ...more.spec },
});
const onNode = { nodeName: 'worker-1' };
const remove = ({ kube }: Stage, name: string) =>
  kube('DELETE', `${pods}/${name}`, { gracePeriodSeconds: 0 });
/** The drain may have taken it away. */
const forget = (stage: Stage, name: string) => remove(stage, name).catch(() => undefined);
const cordon = ({ kube }: Stage, unschedulable: boolean | null) =>
  kube('PATCH', '/api/v1/nodes/worker-2', { spec: { unschedulable } });

const cases: readonly Case[] = [
  {
    what: 'pause lifted',
    words: /is paused by/,
    hold: ({ type }) => type('pause nodes'),
    clear: ({ type }) => type('resume nodes'),
  },
  {
    what: 'blocking pod gone',
    words: /must not be disturbed/,
    hold: ({ kube }) =>
      kube('POST', pods, pod('build', { metadata: { labels: { gate: 'ci' } }, spec: onNode })),
    clear: (stage) => remove(stage, 'build'),
  },
  {
    what: 'Job finished',
    words: /Jobs run on it/,
    hold: startJob,
    clear: ({ kube }) => kube('PATCH', `${pods}/nightly/status`, { status: { phase: 'Succeeded' } }),
    tidy: (stage) => forget(stage, 'nightly'),
  },
  {
    what: 'unhealthy pod ready',
    words: /pending or not ready/,
    hold: ({ kube }) =>
      kube(
        'POST',
        pods,
        pod('sick', { metadata: { labels: { gate: 'pg' } }, spec: { nodeSelector: { site: 'annex' } } }),
      ),
    clear: ({ kube }) =>
      kube('PATCH', `${pods}/sick/status`, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }),
    tidy: (stage) => forget(stage, 'sick'),
  },
  {
    what: 'node uncordoned by somebody',
    words: /worker-2 is cordoned/,
    hold: (stage) => cordon(stage, true),
    clear: (stage) => cordon(stage, null),
  },
  {
    what: 'configuration changed',
    words: /must not be disturbed/,
    hold: async ({ kube, configure }) => {
      await kube('POST', pods, pod('build', { metadata: { labels: { gate: 'ci' } }, spec: onNode }));
      configure(['gate=ci']);
    },
    clear: async ({ configure }) => configure(['gate=other']),
    tidy: async (stage) => {
      stage.configure(['gate=ci']);
      await forget(stage, 'build');
    },
  },
];

/** The demo's API knows no Jobs: the owner of the pod is something else, which says that it is one. */
async function startJob({ kube }: Stage): Promise<void> {
  const path = '/api/v1/namespaces/default/configmaps';
  const metadata = { name: 'nightly' };
  await kube('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata }).catch(() => undefined);
  const made = (await kube('GET', `${path}/nightly`)) as { metadata: { uid: string } };
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    name: 'nightly',
    uid: made.metadata.uid,
    controller: true,
  };
  await kube('POST', pods, pod('nightly', { metadata: { ownerReferences: [owner] }, spec: onNode }));
}

const configOf = (blockingPods: readonly string[], settleTime = '1s') => ({
  cluster: 'bench',
  approvers: 'channel',
  pools: [
    {
      name: 'nodes',
      settleTime,
      rebootTimeout: '1m',
      settleTimeout: '1m',
      drain: { podsWithoutController: 'evict' },
      gates: { blockingPods, healthyPods: [{ selector: 'gate=pg', mostNotReady: 0 }], waitForJobs: '10m' },
    },
  ],
});

function stageOf(environment: DemoEnvironment): Stage {
  return {
    environment,
    async kube(method, path, body) {
      const response = await fetch(`${environment.api.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${environment.adminToken}`,
          'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer: unknown = await response.json();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
      return answer;
    },
    type: (text) => environment.slack.as(environment.slack.users.mia).command(`/reboot ${text}`),
    configure(blockingPods, settleTime) {
      const file = join(environment.directory, 'tugboot.yaml');
      writeFileSync(
        `${file}.new`,
        stringify({ channel: environment.slack.channel.id, ...configOf(blockingPods, settleTime) }),
      );
      renameSync(`${file}.new`, file);
    },
  };
}

const card = (environment: DemoEnvironment, node: string, wished: RegExp) =>
  environment.slack.until(
    () => {
      const newest = environment.slack
        .messages()
        .findLast(({ byApp, threadTs, text }) => byApp && threadTs === undefined && text.includes(node));
      return newest && wished.test(`${newest.text} ${JSON.stringify(newest.blocks)}`) ? newest : undefined;
    },
    patience,
    `a card of ${node} like ${String(wished)}`,
  );

/** The timestamp of the card that asks. */
async function asked(environment: DemoEnvironment, node: string): Promise<string> {
  await environment.world.aptUpgrade(node);
  return (await card(environment, node, /asks for a reboot/)).ts;
}

const approve = (environment: DemoEnvironment, ts: string): Promise<unknown> =>
  environment.slack.as(environment.slack.users.mia).click({ ts, action: 'Approve now' });

const isOut = (environment: DemoEnvironment, node: string): Promise<void> =>
  worldThat(environment, `${node} cordoned`, patience, ({ nodes }) =>
    nodes.some(({ name, cordoned }) => name === node && cordoned),
  );

const isFree = (environment: DemoEnvironment, node: string): Promise<void> =>
  worldThat(environment, `${node} back`, patience, ({ nodes }) =>
    nodes.some(({ name, cordoned, ready }) => name === node && !cordoned && ready),
  );

/**
 * When the API server answered the bot's writes to a node, from `since` on: the first is the cordon, the last
 * takes it away.
 */
const writesTo = (environment: DemoEnvironment, node: string, since: number): readonly number[] =>
  environment.api
    .requests()
    .filter(
      ({ at, verb, status, path, user }) =>
        at >= since &&
        verb === 'patch' &&
        status === 200 &&
        path === `/api/v1/nodes/${node}` &&
        user.endsWith(':tugboot'),
    )
    .map(({ at }) => at);

const quietFor = 1500;

/**
 * An approval wakes its Reboot several times within the first second, and a gate that clears in that time is
 * found by one of these wake-ups. Without this wait the bench measured no difference for a bot that ignores
 * the clearing.
 */
async function isQuiet(environment: DemoEnvironment): Promise<void> {
  const end = Date.now() + patience;
  const last = (): number =>
    environment.api.requests().findLast(({ user, verb }) => user.endsWith(':tugboot') && verb !== 'watch')
      ?.at ?? 0;
  while (Date.now() - last() < quietFor) {
    if (Date.now() > end) throw new Error('the bot does not come to rest');
    await sleep(50);
  }
}

async function round(stage: Stage, one: Case): Promise<number> {
  const { environment } = stage;
  await one.hold(stage);
  await approve(environment, await asked(environment, 'worker-1'));
  await card(environment, 'worker-1', one.words);
  await isQuiet(environment);
  const cleared = Date.now();
  await one.clear(stage);
  await isOut(environment, 'worker-1');
  await isFree(environment, 'worker-1');
  await one.tidy?.(stage);
  return (writesTo(environment, 'worker-1', cleared)[0] ?? Number.NaN) - cleared;
}

/** The node before is uncordoned, and its turn is the next one's. */
async function turnFreed({ environment }: Stage): Promise<number> {
  const since = Date.now();
  const cards = [await asked(environment, 'worker-1'), await asked(environment, 'worker-2')];
  for (const ts of cards) await approve(environment, ts);
  await card(environment, 'worker-2', /worker-1 has the one turn/);
  await card(environment, 'worker-1', /✓/);
  await card(environment, 'worker-2', /✓/);
  await isFree(environment, 'worker-2');
  const freed = writesTo(environment, 'worker-1', since).at(-1) ?? Number.NaN;
  return (writesTo(environment, 'worker-2', since)[0] ?? Number.NaN) - freed;
}

const rowsOf = (what: string, samples: readonly number[], limit: number): readonly Row[] => [
  row({ what: `${what} → cordon`, unit: 'ms', share: 0.5, limit }, samples),
  // No aim of its own beyond not waiting for the safety net, which comes after 15 s.
  row({ what: `${what} → cordon`, unit: 'ms', share: 0.99, limit: 10 * limit }, samples),
];

export const gates: Bench = async (runs, tell) => {
  const environment = await openDemoEnvironment({
    bundles: resolve('dist'),
    timing: fastTiming,
    nodes: ['worker-1', 'worker-2', 'worker-3'].map((name) => ({ name, controlPlane: false })),
    config: configOf(['gate=ci']),
    workloads: 'none',
    env: process.env,
    onTrouble: (error) => tell(String(error)),
  });
  const rows: Row[] = [];
  const measure = async (what: string, limit: number, once: () => Promise<number>): Promise<void> => {
    const samples: number[] = [];
    for (let run = 0; run < runs; run += 1) samples.push(await once());
    tell(`${what}: ${samples.join(' ')}, median ${percentile(samples, 0.5)}`);
    rows.push(...rowsOf(what, samples, limit));
  };
  try {
    environment.startBot();
    await environment.slack.until(() => environment.slack.sockets() > 0, patience, 'the bot');
    const stage = stageOf(environment);
    for (const one of cases) await measure(one.what, 1000, () => round(stage, one));
    // So long that the other's approval is over and done with when the turn comes.
    stage.configure(['gate=ci'], '4s');
    await measure('turn freed', 250, () => turnFreed(stage));
  } finally {
    await environment.close();
  }
  return rows;
};
