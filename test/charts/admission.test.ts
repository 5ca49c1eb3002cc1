import { expect, it } from 'vitest';
import { nodeContract } from '../../src/reboot/nodes/node-contract.ts';
import { describeWith } from '../needs/describe-with.ts';
import { one } from './pod.ts';
import { findHelm, type Helm, type Manifest } from './render-chart.ts';

const found = await findHelm();

/** Only asked for where helm is there. */
const helm = (): Helm => {
  if ('why' in found) throw new Error(found.why);
  return found.helm;
};

const least = { slack: { existingSecret: 'slack' } };
const policy = 'ValidatingAdmissionPolicy';
const binding = 'ValidatingAdmissionPolicyBinding';
const ours = (manifests: readonly Manifest[], kind: string): readonly string[] =>
  manifests
    .filter((each) => each.kind === kind)
    .map(({ metadata }) => metadata.name)
    .toSorted();
const specText = (manifests: readonly Manifest[], name: string): string =>
  JSON.stringify(one(manifests, policy, name)['spec']);

const lack = 'why' in found ? found.why : undefined;

/** What they let through is tried on a real API server (test/cluster/admission.test.ts). */
describeWith('the admission policies of the chart', { lack }, () => {
  it('refuse what they judge, and what they cannot judge', async () => {
    const manifests = await helm().render(least);
    const names = ours(manifests, policy);
    expect(names).toEqual([
      'tugboot-agent',
      'tugboot-bot-configmaps',
      'tugboot-bot-nodes',
      'tugboot-orders',
      'tugboot-reboots',
      'tugboot-requests',
    ]);
    expect(ours(manifests, binding)).toEqual(names);
    for (const name of names) {
      expect(one(manifests, policy, name)['spec']).toMatchObject({ failurePolicy: 'Fail' });
      expect(one(manifests, binding, name)['spec']).toEqual({
        policyName: name,
        validationActions: ['Deny'],
      });
    }
  });

  it('can be left out, all but the one that holds agents to their nodes', async () => {
    const manifests = await helm().render({ ...least, admission: { enabled: false } });
    expect([...ours(manifests, policy), ...ours(manifests, binding)]).toEqual([
      'tugboot-agent',
      'tugboot-agent',
    ]);
  });

  it.each(['reboots', 'orders', 'bot-nodes', 'bot-configmaps'])(
    '%s takes the account of the chart for the bot, or whom the values name',
    async (name) => {
      const own = 'system:serviceaccount:ops:tugboot-bot';
      const outside = 'tugboot@example.com';
      const chosen = await helm().render({ ...least, bot: { users: [outside] } });
      const texts = [await helm().render(least), chosen].map((each) => specText(each, `tugboot-${name}`));
      expect(texts.map((text) => [text.includes(own), text.includes(outside)])).toEqual([
        [true, false],
        [false, true],
      ]);
    },
  );

  it('let the hooks of the pools write what they are configured to, in the domains of Kubernetes too', async () => {
    const maintenance = 'node.kubernetes.io/maintenance';
    const scaleDown = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';
    const skip = 'node.kubernetes.io/skip-remediation';
    const hooks = {
      labels: { before: { [maintenance]: 'true' }, after: {} },
      annotations: { before: { [skip]: 'true' } },
    };
    const config = { pools: [{ name: 'a', hooks }, { name: 'b' }] };
    const admission = { nodeAnnotations: [scaleDown] };
    const text = specText(await helm().render({ ...least, config, admission }), 'tugboot-bot-nodes');
    const lists = text.match(/key in \[[^\]]*\.[^\]]*\]/g);
    expect(lists).toEqual([
      String.raw`key in [\"node.kubernetes.io/exclude-from-external-load-balancers\",\"${maintenance}\"]`,
      String.raw`key in [\"${scaleDown}\",\"${skip}\"]`,
    ]);
  });

  it('name what the program writes', async () => {
    const manifests = await helm().render(least);
    const { requested, requestedBy, waiting, rebootRequired } = nodeContract;
    for (const { key } of [requested, requestedBy])
      expect(specText(manifests, 'tugboot-requests')).toContain(`'${key}'`);
    for (const { key } of [waiting, rebootRequired])
      expect(specText(manifests, 'tugboot-bot-nodes')).toContain(key);
    for (const name of ['tugboot-turns', 'tugboot-pauses', 'tugboot-pool-digests'])
      expect(specText(manifests, 'tugboot-bot-configmaps')).toContain(`'${name}'`);
  });
});
