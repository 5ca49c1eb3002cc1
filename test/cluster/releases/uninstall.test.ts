/**
 * `helm uninstall` on a real API server, in the middle of the work: what is there afterwards is what was
 * there before. There are no kubelets, so the test runs the hook's program, with the token of its account.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run as cleanUp } from '../../../src/commands/cleanup.ts';
import { connectKube } from '../../../src/k8s/kube.ts';
import { listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { chart } from '../../charts/render-chart.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { addNodes, markNodes, type MarkedCluster, withoutEmpty } from '../../k8s/cleanup/marked-cluster.ts';
import { realSleep, systemClock } from '../../k8s/world/api.ts';
import { handOf } from '../../k8s/world/hand.ts';
import { until } from '../../k8s/world/until.ts';
import { createHelm, type ClusterHelm } from '../harness/helm.ts';
import { bot, installation } from '../harness/install-chart.ts';
import { kubectlOrThrow } from '../harness/kubectl.ts';
import { onCluster, passiveControllers } from '../harness/on-cluster.ts';

const needs = {
  controllers: [...passiveControllers, 'deployment-controller', 'replicaset-controller'],
  scheduler: false,
  notOnGiven: 'it installs and removes Tugboot',
};

interface Ended {
  readonly code: number;
  /** What the program wrote. */
  readonly text: string;
}

const account = { namespace: installation, name: 'tugboot-cleanup' };
const values = ['--namespace', installation, '--set', 'slack.existingSecret=slack'];
/** Kinds that tell of what happened, or that the API server keeps for itself. */
const passing = /^(events|leases|endpointslices|componentstatuses|apiservices|ipaddresses)/;

onCluster('an uninstall in the middle of the work', needs, (cluster) => {
  const kubectl = (...args: readonly string[]): Promise<string> => kubectlOrThrow(cluster().kubectl, args);

  /** Every object of the cluster, by kind and name. */
  async function everything(): Promise<ReadonlyMap<string, unknown>> {
    const resources = (await kubectl('api-resources', '--verbs=list', '--output', 'name'))
      .split('\n')
      .filter((name) => name !== '' && !passing.test(name) && !name.endsWith('.tugboot.dev'));
    const args = ['get', resources.join(','), '--all-namespaces', '--output', 'json'];
    const all = listAt(JSON.parse(await kubectl(...args)) as unknown, 'items');
    return new Map(
      all.map((object) => {
        const name = textAt(object, 'metadata', 'name') ?? '';
        const namespace = textAt(object, 'metadata', 'namespace') ?? '';
        return [`${textAt(object, 'kind')} ${namespace}/${name}`, withoutEmpty(object)];
      }),
    );
  }

  /** Of a bot with the rights that the chart gives it. */
  async function work(marked: MarkedCluster): Promise<void> {
    const kube = connectKube({
      kubeconfig: await cluster().kubeconfigOf(bot),
      namespace: installation,
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
      sleep: realSleep,
    });
    await kube.start(() => undefined, new AbortController().signal);
    await markNodes(kube, marked);
    await kube.stop();
  }

  const jobPath = `/apis/batch/v1/namespaces/${installation}/jobs/tugboot-cleanup`;

  const hookIsMade = (): Promise<void> =>
    until(
      'helm has made the hook',
      async () => (await cluster().admin.send({ method: 'GET', path: jobPath })).ok,
    );

  /** As the kubelet and the controller of jobs would. */
  async function runHook(): Promise<Ended> {
    await hookIsMade();
    const job = await handOf(cluster().admin).ask({ method: 'GET', path: jobPath });
    const [container] = listAt(job, 'spec', 'template', 'spec', 'containers');
    const args = listAt(container, 'args').map(String);
    const kubeconfig = await cluster().kubeconfigOf(account);
    const ended = await runCleanup(args.slice(args.indexOf('cleanup') + 1), kubeconfig);
    await endHook(ended.code);
    return ended;
  }

  async function runCleanup(args: readonly string[], KUBECONFIG: string): Promise<Ended> {
    let text = '';
    const stream = { write: (chunk: unknown) => (text += String(chunk)) } as unknown as NodeJS.WritableStream;
    const code = await cleanUp(args, {
      env: { KUBECONFIG, POD_NAMESPACE: installation },
      stdout: stream,
      stderr: stream,
      signal: new AbortController().signal,
    });
    return { code, text };
  }

  async function endHook(code: number): Promise<void> {
    const now = new Date().toISOString().replace(/\.\d+Z/, 'Z');
    const conditions = (code === 0 ? ['SuccessCriteriaMet', 'Complete'] : ['FailureTarget', 'Failed']).map(
      (type) => ({ type, status: 'True', lastProbeTime: now, lastTransitionTime: now }),
    );
    const ended = code === 0 ? { succeeded: 1, completionTime: now } : { failed: 1 };
    const status = { startTime: now, ...ended, conditions };
    await handOf(cluster().admin).ask({
      method: 'PATCH',
      path: `${jobPath}/status`,
      patch: 'merge',
      body: { status },
    });
  }

  describe.each(['helm', 'helm3'] as const)('with %s', (version) => {
    let helm: ClusterHelm;
    beforeAll(async () => {
      const ground = inject('ground');
      if (ground.kind === 'none') throw new Error(ground.why);
      helm = createHelm(ground[version], cluster().kubeconfig);
      await kubectl('create', 'namespace', installation);
      const path = `/api/v1/namespaces/${installation}/serviceaccounts/default`;
      await until('it has its account', async () => (await cluster().admin.send({ method: 'GET', path })).ok);
    });
    afterAll(async () => {
      helm.close();
      await kubectl('delete', '--ignore-not-found', 'crd/reboots.tugboot.dev', 'crd/nodeagents.tugboot.dev');
      await kubectl('delete', 'nodes', '--all');
      await kubectl('delete', 'namespace', installation);
    });

    it('leaves all objects as they were, and the history', async () => {
      const marked = await addNodes(handOf(cluster().admin));
      const before = await everything();
      await helm.done('install', 'tugboot', chart, ...values);
      await work(marked);
      const podsOfBot = [
        'get',
        'pods',
        '-n',
        installation,
        '-l',
        'app.kubernetes.io/component=bot',
        '-o',
        'name',
      ];
      await until('the bot has a pod', async () => (await kubectl(...podsOfBot)) !== '');

      const [answer, hook] = await Promise.all([
        helm.run('uninstall', 'tugboot', '--namespace', installation),
        runHook(),
      ]);
      expect(hook).toMatchObject({ code: 0, text: expect.stringContaining('The bot is stopped.') as string });
      expect([answer.ok, answer.text]).toEqual([true, expect.stringContaining('uninstalled')]);

      await until('garbage is collected', async () => (await kubectl(...podsOfBot)) === '');
      await nothingDiffers(before);
      const reboots = await kubectl('get', 'reboots', '--output', 'name');
      expect(reboots.trim()).toBe('reboot.tugboot.dev/n1-0123456789');
      expect(await kubectl('get', 'nodeagents', '--output', 'name')).toBe('');
    });

    it('names a hook that cannot run, and is repeated by the command on its own', async () => {
      await kubectl('delete', 'nodes', '--all');
      await kubectl('delete', 'reboots', '--all');
      const marked = await addNodes(handOf(cluster().admin));
      const before = await everything();
      await helm.done('install', 'tugboot', chart, ...values);
      await work(marked);
      const [answer] = await Promise.all([
        helm.run('uninstall', 'tugboot', '--namespace', installation),
        hookIsMade().then(() => endHook(1)),
      ]);
      expect([answer.ok, answer.text]).toEqual([false, expect.stringContaining('tugboot-cleanup')]);
      // As docs/operations.md says: without the hook, and then by hand, with the rights of a person.
      await helm.done('uninstall', 'tugboot', '--namespace', installation, '--no-hooks');
      const left = 'job,serviceaccount,role,rolebinding,clusterrole,clusterrolebinding';
      const hooks = ['--namespace', installation, '--selector', 'app.kubernetes.io/component=cleanup'];
      await kubectl('delete', left, ...hooks);
      // The API server keeps to a policy for some moments after it is deleted.
      let ended: Ended | undefined;
      const isDone = async (): Promise<boolean> =>
        (ended = await runCleanup([], cluster().kubeconfig)).code === 0;
      await until('the cleanup is done', isDone, 20_000).catch(() => expect(ended?.text).toBe('done'));
      await nothingDiffers(before);
    });

    it('stopped the bot before anything else', () => {
      const { plane } = cluster();
      const own = (plane?.requests() ?? []).filter(({ user }) => user.endsWith(':tugboot-cleanup'));
      const first = own.find(({ verb }) => !['get', 'list', 'watch'].includes(verb));
      expect(first?.uri).toBe(`/apis/apps/v1/namespaces/${installation}/deployments/tugboot-bot/scale`);
      expect(own.filter(({ status }) => status === 403)).toEqual([]);
    });

    /** The collection of garbage takes some moments. */
    const nothingDiffers = (before: ReadonlyMap<string, unknown>): Promise<void> =>
      until('nothing differs', async () => (await differences(before)).length === 0, 15_000).catch(async () =>
        expect(await differences(before)).toEqual([]),
      );

    async function differences(before: ReadonlyMap<string, unknown>): Promise<readonly unknown[]> {
      const after = await everything();
      const keys = [...new Set([...before.keys(), ...after.keys()])];
      return keys
        .filter((key) => !key.startsWith('CustomResourceDefinition /'))
        .map((key) => ({ key, before: before.get(key), after: after.get(key) }))
        .filter((each) => JSON.stringify(each.before) !== JSON.stringify(each.after));
    }
  });
});
