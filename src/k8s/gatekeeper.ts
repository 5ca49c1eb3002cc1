import type { Blocker } from '../reboot/blockers.ts';
import { controlPlaneLabels } from '../reboot/node-contract.ts';
import type { GatesPolicy } from '../reboot/policy.ts';
import { PortError } from '../reboot/port-error.ts';
import type { Clock, Gatekeeper, StartQuestion } from '../reboot/ports.ts';
import { inWords, second, toInstant } from '../reboot/time.ts';
import type { KubeClient } from './api/client.ts';
import { listAt, textAt } from './api/json-value.ts';
import { listAll } from './api/pages.ts';
import { paths } from './api/paths.ts';
import { isFinished, podView, type PodView, titleOf } from './drain/pod-view.ts';
import { listPods, podsOnNode } from './drain/pods-on-node.ts';

export interface KubeGatekeeperDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
}

type Gate = (deps: KubeGatekeeperDeps, question: StartQuestion) => Promise<readonly Blocker[]>;

/** What the cluster itself knows, and no watch of ours tells: pods, Jobs, and the health of the API server. */
export function kubeGatekeeper(deps: KubeGatekeeperDeps): Gatekeeper {
  const gates: readonly Gate[] = [blockingPods, healthyPods, runningJobs, healthyControlPlane];
  return {
    async ask(question) {
      const answers = await Promise.all(gates.map((gate) => safely(gate, deps, question)));
      return answers.flat();
    },
  };
}

/** A gate that cannot be asked is closed. */
async function safely(
  gate: Gate,
  deps: KubeGatekeeperDeps,
  question: StartQuestion,
): Promise<readonly Blocker[]> {
  try {
    return await gate(deps, question);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return [
      {
        code: 'gate-unreachable',
        sentence: `It cannot be told whether it may start: ${error.message}`,
        clears: 'It is asked again every few seconds.',
      },
    ];
  }
}

const mostNamed = 3;

function named(names: readonly string[]): string {
  const rest = names.length - mostNamed;
  return names.slice(0, mostNamed).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** Selectors are of pods on this node; any of them blocks. */
async function blockingPods(
  { client }: KubeGatekeeperDeps,
  { node, pool }: StartQuestion,
): Promise<readonly Blocker[]> {
  const found = await Promise.all(
    pool.gates.blockingPods.map(async (podSelector) => {
      const pods = await listPods(client, podsOnNode(node.name, { podSelector }), podView);
      return { podSelector, pods: pods.filter((pod) => !isFinished(pod)).map((pod) => titleOf(pod)) };
    }),
  );
  return found
    .filter(({ pods }) => pods.length > 0)
    .map(({ podSelector, pods }) => ({
      code: 'pods-in-the-way',
      sentence: `${pods.length === 1 ? 'A pod' : `${pods.length} pods`} on it must not be disturbed: ${named(pods)} (${podSelector}).`,
      clears: 'It starts when they have finished or moved.',
    }));
}

type Wanted = GatesPolicy['healthyPods'][number];

async function healthyPods(
  { client }: KubeGatekeeperDeps,
  { pool }: StartQuestion,
): Promise<readonly Blocker[]> {
  const found = await Promise.all(pool.gates.healthyPods.map((wanted) => tooManyNotReady(client, wanted)));
  return found.filter((blocker) => blocker !== undefined);
}

async function tooManyNotReady(client: KubeClient, wanted: Wanted): Promise<Blocker | undefined> {
  const { selector, namespace, mostNotReady } = wanted;
  const query = {
    labelSelector: selector === '' ? undefined : selector,
    fieldSelector: namespace === undefined ? undefined : `metadata.namespace=${namespace}`,
  };
  const pods = await listPods(client, query, podView);
  const sick = pods.filter((pod) => isSick(pod)).map((pod) => titleOf(pod));
  if (sick.length <= mostNotReady) return undefined;
  const which = [selector, namespace === undefined ? '' : `in ${namespace}`]
    .filter((part) => part !== '')
    .join(' ');
  return {
    code: 'pods-unhealthy',
    sentence: `${sick.length} pods${which === '' ? '' : ` of ${which}`} are pending or not ready, and ${mostNotReady} may be: ${named(sick)}.`,
    clears: 'It starts when enough of them are ready.',
  };
}

/** Those that are on their way out do not count: their successors do. */
const isSick = (pod: PodView): boolean => !pod.ready && !isFinished(pod) && pod.deletesAt === undefined;

async function runningJobs(
  { client, clock }: KubeGatekeeperDeps,
  { node, pool, reboot }: StartQuestion,
): Promise<readonly Blocker[]> {
  const { waitForJobs } = pool.gates;
  // From the decision on: a node that is never without Jobs has its turn all the same.
  if (waitForJobs === 0 || clock.now() - toInstant(reboot.state.since) >= waitForJobs) return [];
  const pods = await listPods(client, podsOnNode(node.name), podView);
  const jobs = pods
    .filter((pod) => pod.controller?.kind === 'Job' && !isFinished(pod))
    .map((pod) => titleOf(pod));
  if (jobs.length === 0) return [];
  return [
    {
      code: 'jobs-running',
      sentence: `Jobs run on it: ${named(jobs)}. It waits for them, up to ${inWords(waitForJobs)} from its approval.`,
      clears: 'It starts when they have finished, or that time is over.',
    },
  ];
}

/** Before a control-plane node goes, the others have to be able to do without it. */
async function healthyControlPlane(
  { client }: KubeGatekeeperDeps,
  { reboot, node }: StartQuestion,
): Promise<readonly Blocker[]> {
  if (!reboot.facts.controlPlane) return [];
  const others = await otherControlPlanes(client, node.name);
  const notReady = others
    .filter((other) => !isReady(other))
    .map((other) => textAt(other, 'metadata', 'name') ?? '');
  const failing = await failingChecks(client);
  return [
    ...(notReady.length === 0
      ? []
      : [
          {
            code: 'control-plane-unhealthy',
            sentence: `Other control-plane nodes are not Ready: ${named(notReady)}.`,
            clears: 'It starts when they are.',
          } as const,
        ]),
    ...(failing.length === 0
      ? []
      : [
          {
            code: 'control-plane-unhealthy',
            sentence: `The API server says that it is not well: ${named(failing)}.`,
            clears: 'It starts when /readyz answers ok.',
          } as const,
        ]),
  ];
}

async function otherControlPlanes(client: KubeClient, name: string): Promise<readonly unknown[]> {
  const lists = await Promise.all(
    controlPlaneLabels.map((labelSelector) =>
      listAll(client, { path: paths.nodes, query: { labelSelector } }, (node) => node),
    ),
  );
  return lists.flatMap(({ items }) => items).filter((node) => textAt(node, 'metadata', 'name') !== name);
}

const isReady = (node: unknown): boolean =>
  listAt(node, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );

/** `/readyz?verbose` has a line for each check, etcd among them: `[+]etcd ok`, `[-]etcd failed: …` (Kubernetes API health endpoints). */
async function failingChecks(client: KubeClient): Promise<readonly string[]> {
  const answer = await client.send({
    method: 'GET',
    path: '/readyz',
    plain: true,
    query: { verbose: true },
    timeout: 10 * second,
  });
  if (answer.ok) return [];
  const lines = answer.status.message.split('\n').filter((line) => line.startsWith('[-]'));
  const checks = lines.map((line) => /^\[-\]([\w./-]+)/.exec(line)?.[1] ?? 'a check');
  return checks.length > 0 ? checks : [`/readyz answers ${answer.status.code}`];
}
