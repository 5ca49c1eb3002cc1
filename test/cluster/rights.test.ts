import { beforeAll, describe, expect, it } from 'vitest';
import { rawKube, type RawKube } from '../demo/kube/raw-kube.ts';
import { agent, bot, installChart, installation, renderChart } from './harness/install-chart.ts';
import { kubectlOrThrow } from './harness/kubectl.ts';
import { onCluster, passiveControllers } from './harness/on-cluster.ts';
import type { ServiceAccount } from './harness/test-cluster.ts';

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Wish {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** `verb resource[.group][/subresource] [namespace/][name]`, as a person would say it. */
function wishOf(text: string): Wish {
  const [verb = '', what = '', where] = text.split(' ');
  const [full = '', subresource] = what.split('/');
  const [resource = '', ...group] = full.split('.');
  const slash = where?.indexOf('/') ?? -1;
  const name = slash < 0 ? where : where?.slice(slash + 1);
  return {
    verb,
    resource,
    group: group.join('.'),
    ...(subresource === undefined ? {} : { subresource }),
    ...(slash < 0 ? {} : { namespace: where?.slice(0, slash) ?? '' }),
    ...(name ? { name } : {}),
  };
}

const botMay = [
  'list nodes',
  'watch nodes',
  'get nodes n1',
  'patch nodes n1',
  'patch nodes/status n1',
  'list pods',
  'watch pods',
  'delete pods shop/web-0',
  'create pods/eviction shop/web-0',
  'list poddisruptionbudgets.policy',
  'watch poddisruptionbudgets.policy',
  'list deployments.apps',
  'list replicasets.apps',
  'list statefulsets.apps',
  'list replicationcontrollers',
  'create reboots.tugboot.dev',
  'get reboots.tugboot.dev n1-abc',
  'list reboots.tugboot.dev',
  'watch reboots.tugboot.dev',
  'delete reboots.tugboot.dev n1-abc',
  'patch reboots.tugboot.dev/status n1-abc',
  'create nodeagents.tugboot.dev',
  'patch nodeagents.tugboot.dev n1',
  'create events default/',
  `create configmaps ${installation}/`,
  `get configmaps ${installation}/tugboot-turns`,
  `update configmaps ${installation}/tugboot-turns`,
  `get configmaps ${installation}/tugboot-pool-digests`,
  `patch configmaps ${installation}/tugboot-pool-digests`,
  `get persistentvolumeclaims ${installation}/data-tugboot-redis-0`,
];
const botMayNot = [
  'create nodes',
  'delete nodes n1',
  'update nodes n1',
  'get nodes/proxy n1',
  'get pods shop/web-0',
  'create pods shop/',
  'create pods/exec shop/web-0',
  'patch pods shop/web-0',
  'create pods/ephemeralcontainers shop/web-0',
  'delete poddisruptionbudgets.policy shop/web',
  'patch poddisruptionbudgets.policy shop/web',
  'watch deployments.apps',
  'patch deployments.apps shop/web',
  'patch deployments.apps/scale shop/web',
  'delete replicasets.apps shop/web-5d8f',
  'update reboots.tugboot.dev n1-abc',
  'patch reboots.tugboot.dev n1-abc',
  'update reboots.tugboot.dev/status n1-abc',
  'patch nodeagents.tugboot.dev/status n1',
  'update nodeagents.tugboot.dev/status n1',
  'delete nodeagents.tugboot.dev n1',
  `get configmaps ${installation}/another`,
  `list configmaps ${installation}/`,
  `delete configmaps ${installation}/tugboot-turns`,
  `delete configmaps ${installation}/tugboot-pool-digests`,
  'get configmaps shop/tugboot-turns',
  'create configmaps shop/',
  'get persistentvolumeclaims shop/data-db-0',
  `get secrets ${installation}/slack`,
  'list secrets',
  'create serviceaccounts/token ops/tugboot-agent',
  'bind clusterroles.rbac.authorization.k8s.io cluster-admin',
  'escalate clusterroles.rbac.authorization.k8s.io tugboot-bot',
  'impersonate users admin',
];
const agentMay = [
  'get nodeagents.tugboot.dev n1',
  'watch nodeagents.tugboot.dev n1',
  'patch nodeagents.tugboot.dev/status n1',
  'get nodes n1',
];
const agentMayNot = [
  'list nodeagents.tugboot.dev',
  'create nodeagents.tugboot.dev',
  'patch nodeagents.tugboot.dev n1',
  'update nodeagents.tugboot.dev/status n1',
  'delete nodeagents.tugboot.dev n1',
  'get reboots.tugboot.dev n1-abc',
  'list nodes',
  'watch nodes',
  'patch nodes n1',
  'patch nodes/status n1',
  'list pods',
  'delete pods shop/web-0',
  'create pods/eviction shop/web-0',
  `get configmaps ${installation}/tugboot-turns`,
  `get secrets ${installation}/slack`,
  'create events default/',
];

const accounts: readonly [string, ServiceAccount, readonly string[], readonly string[]][] = [
  ['the bot', bot, botMay, botMayNot],
  ['an agent', agent, agentMay, agentMayNot],
];

const needs = { controllers: passiveControllers, scheduler: false };

onCluster('rights on a real API server', needs, (cluster) => {
  beforeAll(() => installChart(cluster()));

  describe.each(accounts)('%s', (_who, account, may, mayNot) => {
    let api: RawKube;
    beforeAll(async () => {
      api = rawKube(cluster().url, await cluster().tokenOf(account));
    });

    const isAllowed = async (wish: string): Promise<unknown> => {
      const answer = await api.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { ...wishOf(wish) } },
      });
      expect(answer.status, answer.text).toBe(201);
      return (answer.body as { status?: { allowed?: unknown } }).status?.allowed;
    };

    it.each(may)('may %s', async (wish) => {
      expect(await isAllowed(wish)).toBe(true);
    });

    it.each(mayNot)('may not %s', async (wish) => {
      expect(await isAllowed(wish)).toBe(false);
    });

    it('has no right beside those that the chart gives it and those that everybody has', async () => {
      const rulesOf = async (one: RawKube, namespace: string): Promise<readonly string[]> => {
        const answer = await one.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectRulesReview',
          spec: { namespace },
        });
        const { status } = answer.body as unknown as { status: { resourceRules: Rule[] } };
        return status.resourceRules.flatMap(single).toSorted();
      };
      const nobody = rawKube(
        cluster().url,
        await cluster().tokenOf({ namespace: 'default', name: 'default' }),
      );
      for (const namespace of [installation, 'default']) {
        const everybody = new Set(await rulesOf(nobody, namespace));
        const own = (await rulesOf(api, namespace)).filter((rule) => !everybody.has(rule));
        expect(own).toEqual(await chartRules(account.name, namespace));
      }
    });
  });

  it('every object of the chart is taken by the server without a warning', async () => {
    const all = (await renderChart()).map((manifest) => JSON.stringify(manifest)).join('\n---\n');
    const dry = await cluster().kubectl(
      ['apply', '--server-side', '--dry-run=server', '--filename', '-'],
      all,
    );
    expect([dry.code, dry.stderr]).toEqual([0, '']);
    // What is tried is not done.
    const run = ['get', 'deployments,daemonsets', '--namespace', installation, '--output', 'name'];
    expect(await kubectlOrThrow(cluster().kubectl, run)).toBe('');
  });
});

/** One line for each single right, so that rules can be grouped differently and say the same. */
const single = ({ apiGroups = [], resources = [], resourceNames = [''], verbs }: Rule): readonly string[] =>
  apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) => resourceNames.map((name) => `${verb} ${resource}.${group} ${name}`.trim())),
    ),
  );

async function chartRules(account: string, namespace: string): Promise<readonly string[]> {
  const roles = (await renderChart()).filter(
    ({ kind, metadata }) =>
      metadata.name === account &&
      (kind === 'ClusterRole' || (kind === 'Role' && metadata.namespace === namespace)),
  );
  return roles.flatMap((role) => (role['rules'] as Rule[]).flatMap(single)).toSorted();
}
