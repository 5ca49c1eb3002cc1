import { expect, it } from 'vitest';
import { describeWith } from '../needs/describe-with.ts';
import { helm, least, needsHelm } from './chart-helm.ts';
import { container, one, podSpec, workloads } from './pod.ts';
import type { Manifest } from './render-chart.ts';

const own = {
  extraEnv: [{ name: 'A', value: 'b' }],
  extraVolumes: [{ name: 'more', emptyDir: {} }],
  extraVolumeMounts: [{ name: 'more', mountPath: '/more' }],
  podSecurityContext: { fsGroup: 1234, seccompProfile: null },
  securityContext: { readOnlyRootFilesystem: false },
};

const everything = {
  slack: { existingSecret: 'slack', botTokenKey: 'bot', appTokenKey: 'app' },
  commonLabels: { team: 'platform' },
  commonAnnotations: { 'example.com/owner': 'platform' },
  extraObjects: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-more', namespace: 'ops' } },
  ],
  bot: {
    ...own,
    replicas: 2,
    hostNetwork: true,
    strategy: { type: 'Recreate', rollingUpdate: null },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
    ],
    serviceAccount: { create: false, name: 'ours' },
  },
  agent: { ...own, hostNetwork: true, updateStrategy: 'OnDelete', serviceAccount: { name: 'eyes' } },
  redis: { ...own, urlKey: 'address' },
  networkPolicy: { enabled: true, apiServer: { cidrs: ['10.0.0.1/32'] } },
};

const kinds = (manifests: readonly Manifest[], kind: string): readonly string[] =>
  manifests
    .filter((each) => each.kind === kind)
    .map(({ metadata }) => metadata.name)
    .toSorted();

describeWith('options of the chart', needsHelm, () => {
  it('reach all three parts: variables, volumes, security contexts', async () => {
    const all = workloads(await helm().render(everything));
    expect(all).toHaveLength(3);
    for (const workload of all) {
      const { env, volumeMounts, securityContext } = container(workload);
      expect(env).toContainEqual({ name: 'A', value: 'b' });
      expect(volumeMounts).toContainEqual({ name: 'more', mountPath: '/more' });
      expect(podSpec(workload).volumes).toContainEqual({ name: 'more', emptyDir: {} });
      expect(podSpec(workload)['securityContext']).toMatchObject({ fsGroup: 1234 });
      expect(podSpec(workload)['securityContext']).not.toHaveProperty('seccompProfile');
      // What is not named stays as it was.
      expect(securityContext).toMatchObject({
        readOnlyRootFilesystem: false,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('put an annotation on every object, beside its own', async () => {
    const manifests = await helm().render({
      ...everything,
      metrics: { dashboard: { enabled: true, annotations: { folder: 'nodes' } } },
    });
    for (const { kind, metadata } of manifests)
      if (metadata.name !== 'tugboot-more')
        expect([kind, metadata.name, metadata.annotations?.['example.com/owner']]).toEqual([
          kind,
          metadata.name,
          'platform',
        ]);
    const dashboard = manifests.find(({ metadata }) => metadata.name.includes('dashboard'));
    expect(dashboard?.metadata.annotations).toHaveProperty('folder', 'nodes');
  });

  it('put a label on every object', async () => {
    for (const { kind, metadata } of await helm().render(everything))
      if (metadata.name !== 'tugboot-more')
        expect([kind, metadata.labels?.['team']]).toEqual([kind, 'platform']);
  });

  it('take further objects, with templates in them', async () => {
    expect(one(await helm().render(everything), 'ConfigMap', 'tugboot-more')).toBeDefined();
  });

  it('place bot and agents on the network of the host, with the names of the cluster', async () => {
    const manifests = await helm().render(everything);
    for (const kind of ['Deployment', 'DaemonSet'])
      expect(podSpec(one(manifests, kind))).toMatchObject({
        hostNetwork: true,
        dnsPolicy: 'ClusterFirstWithHostNet',
      });
  });

  it('set how both are replaced and spread', async () => {
    const manifests = await helm().render(everything);
    expect(one(manifests, 'Deployment')['spec']).toMatchObject({ strategy: { type: 'Recreate' } });
    expect(podSpec(one(manifests, 'Deployment'))['topologySpreadConstraints']).toMatchObject([
      { topologyKey: 'zone' },
    ]);
    expect(one(manifests, 'DaemonSet')['spec']).toMatchObject({ updateStrategy: { type: 'OnDelete' } });
  });

  it('name accounts of one’s own, which bindings and admission policies then mean', async () => {
    const manifests = await helm().render(everything);
    expect(kinds(manifests, 'ServiceAccount')).toEqual(['eyes', 'tugboot-cleanup']);
    expect(podSpec(one(manifests, 'Deployment'))['serviceAccountName']).toBe('ours');
    expect(podSpec(one(manifests, 'DaemonSet'))['serviceAccountName']).toBe('eyes');
    const subject = (name: string): unknown => ({ kind: 'ServiceAccount', name, namespace: 'ops' });
    expect(one(manifests, 'ClusterRoleBinding', 'tugboot-bot')['subjects']).toEqual([subject('ours')]);
    expect(one(manifests, 'RoleBinding', 'tugboot-bot')['subjects']).toEqual([subject('ours')]);
    expect(one(manifests, 'ClusterRoleBinding', 'tugboot-agent')['subjects']).toEqual([subject('eyes')]);
    const policies = JSON.stringify(manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy'));
    expect(policies).toContain('system:serviceaccount:ops:ours');
    expect(policies).toContain('system:serviceaccount:ops:eyes');
    expect(policies).not.toMatch(/ops:tugboot-(bot|agent)/);
  });

  it('read secrets by keys of one’s own', async () => {
    const { env = [] } = container(one(await helm().render(everything), 'Deployment'));
    const keyOf = (name: string): unknown =>
      env.find((each) => each.name === name)?.valueFrom?.secretKeyRef?.key;
    expect(['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'REDIS_URL'].map(keyOf)).toEqual(['bot', 'app', 'address']);
  });

  it('take from the agents what they reboot with, where they only observe', async () => {
    const agentOf = async (agent: object) => one(await helm().render({ ...least, agent }), 'DaemonSet');
    expect(podSpec(await agentOf({}))).toHaveProperty('hostPID', true);
    const observing = await agentOf({ observeOnly: true });
    expect(podSpec(observing)).not.toHaveProperty('hostPID');
    expect(container(observing).securityContext).toMatchObject({ allowPrivilegeEscalation: false });
    expect(container(observing).securityContext).toHaveProperty('capabilities', { drop: ['ALL'] });
    await expect(agentOf({ observeOnly: true, method: 'command' })).rejects.toThrow(/agent: observeOnly/);
  });

  it('show the queues where that is wanted', async () => {
    const envOf = async (bot: object): Promise<readonly unknown[]> =>
      container(one(await helm().render({ ...least, bot }), 'Deployment')).env ?? [];
    const switchedOn = { name: 'QUEUE_BOARD', value: 'on' };
    expect(await envOf({ queueBoard: true })).toContainEqual(switchedOn);
    expect(await envOf({})).not.toContainEqual(switchedOn);
  });

  it('give the bot the login of the Sentinels', async () => {
    const redis = {
      existingSecret: 'queues',
      external: true,
      sentinelUser: 'bot',
      sentinelPasswordKey: 'sentinel-password',
    };
    const { env = [] } = container(one(await helm().render({ ...least, redis }), 'Deployment'));
    expect(env).toContainEqual({ name: 'REDIS_SENTINEL_USER', value: 'bot' });
    expect(env.find(({ name }) => name === 'REDIS_SENTINEL_PASSWORD')?.valueFrom?.secretKeyRef).toEqual({
      name: 'queues',
      key: 'sentinel-password',
    });
    await expect(
      helm().render({ ...least, redis: { url: 'redis+sentinel://sentinels:26379' } }),
    ).rejects.toThrow(/redis/);
    await expect(
      helm().render({ ...least, redis: { url: 'redis+sentinel://a:26379,b:26379/queues' } }),
    ).resolves.toBeDefined();
  });

  it('have the tokens from an external store', async () => {
    const externalSecret = {
      store: { name: 'vault' },
      botToken: { key: 'tugboot', property: 'bot' },
      appToken: { key: 'tugboot', property: 'app' },
    };
    const manifests = await helm().render({ slack: { externalSecret } });
    expect(one(manifests, 'ExternalSecret')['spec']).toMatchObject({
      secretStoreRef: { name: 'vault', kind: 'ClusterSecretStore' },
      target: { name: 'tugboot-slack' },
      data: [
        { secretKey: 'bot-token', remoteRef: { key: 'tugboot', property: 'bot' } },
        { secretKey: 'app-token', remoteRef: { key: 'tugboot', property: 'app' } },
      ],
    });
    expect(kinds(manifests, 'Secret')).toEqual(['tugboot-redis']);
    expect(await helm().refusal({ slack: { ...least.slack, externalSecret } })).toContain('one of them');
  });

  it('leave roles and bindings to others', async () => {
    const manifests = await helm().render({ ...least, rbac: { create: false } });
    expect(manifests.filter(({ kind }) => /Role/.test(kind))).toEqual([]);
    expect(kinds(manifests, 'Job')).toEqual([]);
  });

  it('give people rights to see, to stop and to ask', async () => {
    const manifests = await helm().render(least);
    const role = (name: string): Manifest => one(manifests, 'ClusterRole', `tugboot-${name}`);
    expect(role('view').metadata.labels).toMatchObject({
      'rbac.authorization.k8s.io/aggregate-to-view': 'true',
    });
    expect(JSON.stringify(role('view')['rules'])).not.toMatch(/patch|create|delete|nodes"/);
    expect(role('edit')['rules']).toEqual([
      { apiGroups: ['tugboot.dev'], resources: ['reboots'], verbs: ['delete'] },
    ]);
    expect(role('approver').metadata.labels).not.toHaveProperty(
      'rbac.authorization.k8s.io/aggregate-to-admin',
    );
    const none = await helm().render({ ...least, rbac: { aggregate: false } });
    expect(kinds(none, 'ClusterRole')).not.toContain('tugboot-view');
  });

  it('run agents without a bot, and ask for no Slack then', async () => {
    const manifests = await helm().render({ bot: { replicas: 0, users: ['remote'] } });
    expect(workloads(manifests).map(({ kind }) => kind)).toEqual(['DaemonSet']);
    expect(manifests.filter(({ kind }) => ['Pod', 'ConfigMap', 'Secret', 'Service'].includes(kind))).toEqual(
      [],
    );
  });

  it('give a cluster that a bot elsewhere serves all but the bot', async () => {
    const manifests = await helm().render({ remote: { enabled: true, tokenSecret: true } });
    expect(workloads(manifests).map(({ kind }) => kind)).toEqual(['DaemonSet']);
    expect(kinds(manifests, 'ServiceAccount')).toEqual(
      expect.arrayContaining(['tugboot-bot', 'tugboot-agent']),
    );
    expect(kinds(manifests, 'ClusterRoleBinding')).toContain('tugboot-bot');
    expect(one(manifests, 'Secret', 'tugboot-bot-token')).toMatchObject({
      type: 'kubernetes.io/service-account-token',
      metadata: { annotations: { 'kubernetes.io/service-account.name': 'tugboot-bot' } },
    });
    const without = await helm().render({ remote: { enabled: true } });
    expect(kinds(without, 'Secret')).toEqual([]);
  });

  it.each([
    ['slack', { slack: { existingSecret: 'slack' } }],
    ['config', { config: { cluster: 'prod-us' } }],
  ])('refuse %s where no bot runs, and say where it belongs', async (_what, values) => {
    await expect(helm().render({ remote: { enabled: true }, ...values })).rejects.toThrow(
      /remote: no bot runs/,
    );
  });

  it('keep a bot that is stopped for a while', async () => {
    const bot = one(await helm().render({ ...least, bot: { replicas: 0 } }), 'Deployment');
    expect(bot['spec']).toMatchObject({ replicas: 0 });
    expect(container(bot).env).toContainEqual({ name: 'TUGBOOT_REPLICAS', value: '1' });
  });

  it('close the network of bot and agents but for what they need', async () => {
    const manifests = await helm().render(everything);
    const spec = (name: string): unknown => one(manifests, 'NetworkPolicy', name)['spec'];
    const api = { ports: [{ port: 443 }, { port: 6443 }], to: [{ ipBlock: { cidr: '10.0.0.1/32' } }] };
    const names = {
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    };
    expect(spec('tugboot-agent')).toMatchObject({ policyTypes: ['Ingress', 'Egress'], egress: [names, api] });
    expect(spec('tugboot-agent')).not.toHaveProperty('ingress');
    expect(spec('tugboot-bot')).toMatchObject({
      ingress: [{ ports: [{ port: 'health' }] }],
      egress: [names, api, { ports: [{ port: 443 }] }, { ports: [{ port: 6379 }] }],
    });
    expect(kinds(await helm().render(least), 'NetworkPolicy')).toEqual(['tugboot-redis']);
  });
});
