import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSettings } from '../../src/agent/settings.ts';
import { settingsOf } from '../../scripts/generate/settings.ts';
import { variables } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { jsonSchema } from '../../src/config/schema/schema.ts';
import { describeWith } from '../needs/describe-with.ts';
import { container, one, type PodSpec, podSpec, workloads, type Variable } from './pod.ts';
import { chart, findHelm, type Helm, type Manifest } from './render-chart.ts';

const found = await findHelm();
const needs = { lack: 'why' in found ? found.why : undefined };

/** Only asked for where helm is there. */
const helm = (): Helm => {
  if ('why' in found) throw new Error(found.why);
  return found.helm;
};

const least = { slack: { existingSecret: 'slack' } };
const everything = {
  slack: { botToken: 'xoxb-1', appToken: 'xapp-1', channel: 'C0123ABCD' },
  image: { repository: 'registry.example/tugboot', digest: `sha256:${'a'.repeat(64)}` },
  imagePullSecrets: [{ name: 'pull' }],
  config: { channel: 'C0123ABCD', approvers: { users: ['U0123ABCD'] } },
  bot: {
    replicas: 3,
    extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }],
    tolerations: [{ key: 'a', operator: 'Exists' }],
  },
  agent: {
    hostPaths: { dpkg: '', apt: '/etc/apt/apt.conf.d', dnf: '/etc/dnf' },
    appArmorProfile: '',
    seLinuxType: '',
    podAnnotations: { a: 'b' },
  },
  redis: { persistence: { enabled: true, storageClassName: 'fast' } },
  metrics: {
    podMonitor: { enabled: true, interval: '30s' },
    rules: { enabled: true, runbooks: 'https://git.example.com/runbooks' },
    dashboard: { enabled: true },
  },
  priorityQuota: false,
};
const externalRedis = { ...least, redis: { existingSecret: 'queues', external: true } };

const rules = (manifests: readonly Manifest[], kind: string, name: string): unknown =>
  one(manifests, kind, name)['rules'];
const variable = (env: readonly Variable[] | undefined, name: string): Variable | undefined =>
  env?.find((one) => one.name === name);

describeWith('the chart', needs, () => {
  it.each([
    ['the least values', least],
    ['every value', everything],
    ['a Redis elsewhere', externalRedis],
  ])('passes helm lint with %s', async (_case, values) => {
    expect(await helm().lint(values)).toContain('1 chart(s) linted, 0 chart(s) failed');
  });

  it('gives every object of the namespace its namespace, and every object its labels', async () => {
    for (const { kind, metadata } of await helm().render(everything)) {
      const clusterWide = /^(ClusterRole|ValidatingAdmission)/.test(kind);
      expect([kind, metadata.namespace]).toEqual([kind, clusterWide ? undefined : 'ops']);
      expect(metadata.labels).toMatchObject({
        'app.kubernetes.io/instance': 'tugboot',
        'app.kubernetes.io/part-of': 'tugboot',
      });
    }
  });

  it('makes no two objects of the same name', async () => {
    const names = (await helm().render(everything)).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('binds each role to the account of its own pods', async () => {
    const manifests = await helm().render(least);
    for (const binding of manifests.filter(
      ({ kind }) => kind.endsWith('Binding') && kind !== 'ValidatingAdmissionPolicyBinding',
    )) {
      const { name } = binding.metadata;
      expect(binding['roleRef']).toMatchObject({ name });
      expect(binding['subjects']).toEqual([{ kind: 'ServiceAccount', name, namespace: 'ops' }]);
      expect(one(manifests, 'ServiceAccount', name)).toMatchObject({ automountServiceAccountToken: false });
    }
    expect(podSpec(one(manifests, 'Deployment'))['serviceAccountName']).toBe('tugboot-bot');
    expect(podSpec(one(manifests, 'DaemonSet'))['serviceAccountName']).toBe('tugboot-agent');
  });

  it('drops every power of every container that it does not need', async () => {
    for (const values of [least, everything]) {
      for (const workload of workloads(await helm().render(values))) {
        const { securityContext, resources } = container(workload);
        const agent = workload.kind === 'DaemonSet';
        expect(securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: agent ? { drop: ['ALL'], add: ['KILL'] } : { drop: ['ALL'] },
        });
        expect(podSpec(workload)['securityContext']).toMatchObject({
          seccompProfile: { type: 'RuntimeDefault' },
        });
        if (!agent) expect(podSpec(workload)['securityContext']).toMatchObject({ runAsNonRoot: true });
        expect(resources?.['limits']).toHaveProperty('memory');
        expect(podSpec(workload)['hostNetwork']).toBeUndefined();
        expect(podSpec(workload)['hostPID']).toBe(agent ? true : undefined);
      }
    }
  });
});

describeWith('the agent in the chart', needs, () => {
  it('may read its order and its node, and write its status; nothing else', async () => {
    expect(rules(await helm().render(least), 'ClusterRole', 'tugboot-agent')).toEqual([
      { apiGroups: ['tugboot.dev'], resources: ['nodeagents'], verbs: ['get', 'watch'] },
      { apiGroups: ['tugboot.dev'], resources: ['nodeagents/status'], verbs: ['patch'] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
    ]);
  });

  it('is held to its own node by an admission policy on its account', async () => {
    const manifests = await helm().render(least);
    expect(one(manifests, 'ValidatingAdmissionPolicy', 'tugboot-agent')['spec']).toMatchObject({
      failurePolicy: 'Fail',
      matchConditions: [
        { expression: "request.userInfo.username == 'system:serviceaccount:ops:tugboot-agent'" },
      ],
      validations: [
        {
          expression:
            "'authentication.kubernetes.io/node-name' in request.userInfo.extra && " +
            "request.userInfo.extra['authentication.kubernetes.io/node-name'][0] == object.metadata.name",
        },
        { expression: "has(request.subResource) && request.subResource == 'status'" },
      ],
    });
    expect(one(manifests, 'ValidatingAdmissionPolicyBinding', 'tugboot-agent')['spec']).toEqual({
      policyName: 'tugboot-agent',
      validationActions: ['Deny'],
    });
  });

  it('sees four directories of the host, read-only, can leave some out and be given two more', async () => {
    const mounts = async (values: unknown): Promise<unknown> => {
      const agent = one(await helm().render(values), 'DaemonSet');
      const host =
        container(agent).volumeMounts?.filter(({ mountPath }) => mountPath.startsWith('/host')) ?? [];
      expect(host.every(({ readOnly }) => readOnly)).toBe(true);
      return host.map(({ mountPath }) => mountPath).sort();
    };
    expect(await mounts(least)).toEqual([
      '/host/boot',
      '/host/lib/modules',
      '/host/run',
      '/host/var/lib/dpkg',
    ]);
    expect(await mounts(everything)).toEqual([
      '/host/boot',
      '/host/etc/apt/apt.conf.d',
      '/host/etc/dnf',
      '/host/lib/modules',
      '/host/run',
    ]);
  });

  it('mounts a token of its own pod that is renewed, and the authority of the API server', async () => {
    const { volumes } = podSpec(one(await helm().render(least), 'DaemonSet'));
    expect(volumes?.find(({ name }) => name === 'token')).toMatchObject({
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
          { configMap: { name: 'kube-root-ca.crt' } },
        ],
      },
    });
  });

  it('runs on every Linux node, tainted ones too', async () => {
    const spec = podSpec(one(await helm().render(least), 'DaemonSet'));
    expect(spec['tolerations']).toEqual([{ operator: 'Exists' }]);
    expect(spec['nodeSelector']).toEqual({ 'kubernetes.io/os': 'linux' });
  });

  it('runs commands of the operator only, and gets the rights for the host’s only when told to', async () => {
    const signalCommands = [
      'dnf',
      { name: 'own', command: ['/opt/check', 'it\'s "quoted"'], everySeconds: 60 },
    ];
    const agentWith = async (agent: unknown): Promise<ReturnType<typeof container>> =>
      container(one(await helm().render({ ...least, agent }), 'DaemonSet'));
    const rights = async (agent: unknown): Promise<unknown> => (await agentWith(agent)).securityContext;
    const few = { capabilities: { add: ['KILL'] }, allowPrivilegeEscalation: false };
    expect(await rights({ signalCommands })).toMatchObject(few);
    expect(await rights({ commandsInHost: true })).toMatchObject(few);
    expect(await rights({ signalCommands, commandsInHost: true })).toMatchObject({
      capabilities: { drop: ['ALL'], add: ['KILL', 'SYS_ADMIN', 'SYS_CHROOT', 'SYS_PTRACE'] },
      privileged: false,
    });
    const { env = [] } = await agentWith({ signalCommands, commandsInHost: true });
    const given = Object.fromEntries(env.map(({ name, value }) => [name, value ?? 'n1']));
    expect(readSettings({ ...given, KUBERNETES_SERVICE_HOST: '10.96.0.1' })).toMatchObject({
      ok: true,
      settings: {
        commandsInHost: true,
        commands: [
          { name: 'dnf' },
          { name: 'own', command: ['/opt/check', 'it\'s "quoted"'], every: 60_000 },
        ],
      },
    });
  });

  it('reboots by signal, or by a command of the host, with the rights that each takes', async () => {
    const agentWith = async (agent: unknown): Promise<ReturnType<typeof container>> =>
      container(one(await helm().render({ ...least, agent }), 'DaemonSet'));
    const methodOf = ({ env = [] }: ReturnType<typeof container>): unknown => {
      const given = Object.fromEntries(env.map(({ name, value }) => [name, value ?? 'n1']));
      const read = readSettings({ ...given, KUBERNETES_SERVICE_HOST: '10.96.0.1' });
      return read.ok ? read.settings.method : read.problems;
    };
    const bySignal = await agentWith({ rebootSignal: 40 });
    expect(methodOf(bySignal)).toEqual({ kind: 'signal', signal: 40 });
    expect(bySignal.securityContext).toMatchObject({ capabilities: { drop: ['ALL'], add: ['KILL'] } });
    const byCommand = await agentWith({ method: 'command' });
    expect(methodOf(byCommand)).toEqual({ kind: 'command', command: ['systemctl', 'reboot'], inHost: true });
    expect(byCommand.securityContext).toMatchObject({
      capabilities: { drop: ['ALL'], add: ['KILL', 'SYS_ADMIN', 'SYS_CHROOT', 'SYS_PTRACE'] },
      allowPrivilegeEscalation: true,
      privileged: false,
    });
    const own = ['/usr/sbin/shutdown', '-r', 'now', 'it\'s "quoted"'];
    expect(methodOf(await agentWith({ method: 'command', rebootCommand: own }))).toMatchObject({
      command: own,
    });
    await expect(agentWith({ method: 'magic' })).rejects.toThrow(/method/);
  });

  it.each([least, everything])('is given an environment that it understands', async (values) => {
    const { env = [], args } = container(one(await helm().render(values), 'DaemonSet'));
    expect(args?.slice(-2)).toEqual(['dist/tugboot.cjs', 'agent']);
    const given = Object.fromEntries(env.map(({ name, value }) => [name, value ?? 'n1']));
    const result = readSettings({
      ...given,
      KUBERNETES_SERVICE_HOST: '10.96.0.1',
      KUBERNETES_SERVICE_PORT: '443',
    });
    expect(result).toMatchObject({
      ok: true,
      settings: { node: 'n1', restat: 60_000, method: { kind: 'signal', signal: 39 } },
    });
  });
});

describeWith('helm test', needs, () => {
  it('runs the doctor with the account, the variables and the files of the bot', async () => {
    const manifests = await helm().render(everything);
    const bot = podSpec(one(manifests, 'Deployment', 'tugboot-bot'));
    const pod = one(manifests, 'Pod', 'tugboot-doctor')['spec'] as PodSpec;
    const [ours] = pod.containers;
    const [theirs] = bot.containers;
    expect(ours?.args).toEqual(['dist/tugboot.cjs', 'doctor']);
    expect(ours?.env).toEqual(theirs?.env);
    expect(ours?.volumeMounts).toEqual(theirs?.volumeMounts);
    expect(pod.volumes).toEqual(bot.volumes);
    expect(pod['serviceAccountName']).toBe(bot['serviceAccountName']);
  });
});

describeWith('the bot in the chart', needs, () => {
  it('has the rights that its own files name', async () => {
    const manifests = await helm().render(least);
    const file = (name: string): unknown => parse(readFileSync(join(chart, 'files', name), 'utf8'));
    expect(rules(manifests, 'ClusterRole', 'tugboot-bot')).toEqual(file('bot-rules.yaml'));
    expect(rules(manifests, 'Role', 'tugboot-bot')).toEqual(file('bot-namespace-rules.yaml'));
  });

  it('has no right to run anything anywhere, and none with a wildcard', async () => {
    const manifests = await helm().render(least);
    const all = JSON.stringify([
      rules(manifests, 'ClusterRole', 'tugboot-bot'),
      rules(manifests, 'Role', 'tugboot-bot'),
    ]);
    expect(all).not.toMatch(
      /"\*"|pods\/exec|pods\/attach|secrets|nodes\/proxy|nodeagents\/status|escalate|impersonate/,
    );
  });

  it('is given variables that it knows, and the secrets by reference only', async () => {
    for (const values of [least, everything, externalRedis]) {
      const { env = [], command, args } = container(one(await helm().render(values), 'Deployment'));
      expect([command, args?.slice(-2)]).toEqual([['node'], ['dist/tugboot.cjs', 'serve']]);
      const ofOthers = new Set(['HTTPS_PROXY', 'MALLOC_MMAP_THRESHOLD_']);
      // Without a value of the chart, or with one that few set.
      const ofFew = new Set(['REDIS_SENTINEL_PASSWORD', 'OTEL_EXPORTER_OTLP_HEADERS']);
      const unknown = env
        .map(({ name }) => name)
        .filter((name) => !(name in variables) && !ofOthers.has(name));
      expect(unknown).toEqual([]);
      for (const { name, secret } of Object.values(variables)) {
        if (secret && (!ofFew.has(name) || variable(env, name) !== undefined))
          expect(variable(env, name)?.valueFrom?.secretKeyRef, name).toBeDefined();
      }
    }
  });

  it.each([
    ['512Mi', 384],
    ['1Gi', 896],
    ['400M', 253],
    [536_870_912, 384],
    // What is left for the heap of so small a pod is not enough, which the kubelet then says.
    ['128Mi', 64],
  ])('with a memory limit of %s has a heap that fits into it', async (memory, megabytes) => {
    const values = { ...least, bot: { resources: { limits: { memory } } } };
    const { args } = container(one(await helm().render(values), 'Deployment'));
    expect(args).toContain(`--max-old-space-size=${megabytes}`);
  });

  it.each([{ resources: null }, { resources: { limits: null } }])(
    'without a memory limit leaves the heap to Node: %j',
    async (bot) => {
      const { args } = container(one(await helm().render({ ...least, bot }), 'Deployment'));
      expect(args?.join(' ')).not.toContain('old-space');
    },
  );

  it('finds its tokens in the Secret of the person, or in one made of the values', async () => {
    const token = async (values: unknown): Promise<unknown> =>
      variable(container(one(await helm().render(values), 'Deployment')).env, 'SLACK_BOT_TOKEN')?.valueFrom;
    expect(await token(least)).toEqual({ secretKeyRef: { name: 'slack', key: 'bot-token' } });
    expect(await token(everything)).toEqual({ secretKeyRef: { name: 'tugboot-slack', key: 'bot-token' } });
    const manifests = await helm().render(everything);
    expect(one(manifests, 'Secret', 'tugboot-slack')['stringData']).toEqual({
      'bot-token': 'xoxb-1',
      'app-token': 'xapp-1',
    });
    expect((await helm().render(least)).some(({ metadata }) => metadata.name === 'tugboot-slack')).toBe(
      false,
    );
  });

  it('can start with the configuration that is mounted', async () => {
    const manifests = await helm().render(everything);
    const { env = [], volumeMounts } = container(one(manifests, 'Deployment'));
    const given = Object.fromEntries(
      env.map(({ name, value, valueFrom }) => [
        name,
        value ?? secretOf(manifests, valueFrom?.secretKeyRef) ?? 'x',
      ]),
    );
    const files = one(manifests, 'ConfigMap', 'tugboot-config')['data'] as Record<string, string>;
    const home = volumeMounts?.find(({ name }) => name === 'config')?.mountPath ?? '';
    const readFile = (path: string): string =>
      files[path.replace(`${home}/`, '')] ?? expect.unreachable(path);
    const config = loadConfig({ env: given, readFile });
    expect(config.clusters[0].policy.pools[0]).toMatchObject({
      channel: 'C0123ABCD',
      approvers: { kind: 'named', users: ['U0123ABCD'] },
    });
    expect(config.queue.url).toMatch(/^redis:\/\/:[A-Za-z0-9]{40}@tugboot-redis\.ops\.svc:6379\/0$/);
  });

  it('is asked for its health where it answers', async () => {
    const bot = container(one(await helm().render(least), 'Deployment'));
    expect(bot['ports']).toEqual([{ name: 'health', containerPort: 8081 }]);
    expect(variable(bot.env, 'HEALTH_PORT')?.value).toBe('8081');
    expect(bot['terminationMessagePath']).toBe(variables.TERMINATION_LOG.fallback);
    expect(variable(bot.env, 'TUGBOOT_REPLICAS')?.value).toBe('1');
    expect(bot['livenessProbe']).toMatchObject({ httpGet: { path: '/livez', port: 'health' } });
    expect(bot['readinessProbe']).toMatchObject({ httpGet: { path: '/readyz', port: 'health' } });
  });

  it('has a budget when there are several of it, and none that would block its own node', async () => {
    expect((await helm().render(least)).some(({ kind }) => kind === 'PodDisruptionBudget')).toBe(false);
    const manifests = await helm().render(everything);
    expect(one(manifests, 'PodDisruptionBudget')['spec']).toMatchObject({ maxUnavailable: 1 });
    expect(podSpec(one(manifests, 'Deployment'))).toHaveProperty('topologySpreadConstraints');
  });

  it('keeps running when its configuration changes, and sees it: the file is mounted as a directory', async () => {
    const templates = await Promise.all(
      [least, { ...least, config: { channel: 'C0123ABCD' } }].map(
        async (values) =>
          (one(await helm().render(values), 'Deployment')['spec'] as { template: unknown }).template,
      ),
    );
    expect(templates[0]).toEqual(templates[1]);
    const [container] = podSpec(one(await helm().render(least), 'Deployment')).containers;
    const mount = container?.volumeMounts?.find(({ mountPath }) => mountPath === '/etc/tugboot');
    expect(mount).toBeDefined();
    // A subPath is copied once, and never follows its ConfigMap.
    expect(mount).not.toHaveProperty('subPath');
  });
});

describeWith('the queues in the chart', needs, () => {
  it('never lose a key for want of memory, and keep their password out of commands and variables', async () => {
    const manifests = await helm().render(least);
    const conf = (one(manifests, 'ConfigMap', 'tugboot-redis')['data'] as Record<string, string>)[
      'redis.conf'
    ];
    expect(conf).toMatch(/^maxmemory-policy noeviction$/m);
    expect(conf).toMatch(/^appendonly yes$/m);
    const password = secretOf(manifests, { name: 'tugboot-redis', key: 'password' }) ?? '';
    expect(password).toHaveLength(40);
    expect(JSON.stringify(manifests.filter(({ kind }) => kind !== 'Secret'))).not.toContain(password);
    expect(secretOf(manifests, { name: 'tugboot-redis', key: 'auth.conf' })).toBe(
      `requirepass ${password}\n`,
    );
  });

  it('stand on a volume when asked', async () => {
    expect(one(await helm().render(least), 'StatefulSet')['spec']).not.toHaveProperty('volumeClaimTemplates');
    const { volumeClaimTemplates } = one(await helm().render(everything), 'StatefulSet')['spec'] as Record<
      string,
      unknown
    >;
    expect(volumeClaimTemplates).toMatchObject([
      { spec: { storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } } },
    ]);
  });

  it('are not run when there is a Redis elsewhere', async () => {
    for (const redis of [{ url: 'redis://queues:6379' }, { existingSecret: 'queues', external: true }]) {
      const manifests = await helm().render({ ...least, redis });
      expect(manifests.filter(({ metadata }) => metadata.name.includes('redis'))).toEqual([]);
    }
    const address = (manifests: readonly Manifest[]): unknown =>
      variable(container(one(manifests, 'Deployment')).env, 'REDIS_URL');
    expect(address(await helm().render({ ...least, redis: { url: 'redis://queues:6379' } }))).toEqual({
      name: 'REDIS_URL',
      value: 'redis://queues:6379',
    });
    expect(address(await helm().render(externalRedis))).toEqual({
      name: 'REDIS_URL',
      valueFrom: { secretKeyRef: { name: 'queues', key: 'url' } },
    });
  });
});

describeWith('wrong values', needs, () => {
  it.each([
    [{}, 'slack: name a Secret with the keys bot-token and app-token in slack.existingSecret'],
    [
      { slack: { existingSecret: 's', botToken: 'xoxb-1' } },
      'slack: give either existingSecret or the tokens, not both',
    ],
    [{ ...least, bot: { replica: 2 } }, "at '/bot': additional properties 'replica' not allowed"],
    [{ ...least, bot: { replicas: 'two' } }, "at '/bot/replicas': got string, want integer"],
    [
      { ...least, bot: { logLevel: 'loud' } },
      "at '/bot/logLevel': value must be one of 'debug', 'info', 'warn', 'error'",
    ],
    [{ ...least, agent: { sentinel: 'etc/reboot' } }, "at '/agent/sentinel'"],
    [{ ...least, agent: { hostPaths: { run: '' } } }, "at '/agent/hostPaths/run'"],
    [{ ...least, agent: { hostPaths: { apt: 'etc/apt' } } }, "at '/agent/hostPaths/apt'"],
    [{ slack: { botToken: 'xapp-1', appToken: 'xapp-1' } }, "at '/slack/botToken'"],
    [{ ...least, redis: { url: 'http://queues' } }, "at '/redis/url'"],
    [{ ...least, redis: { url: 'redis://:secret@queues' } }, 'redis: the address must not hold a password'],
    [
      { ...least, redis: { external: true } },
      'redis: external means that the address stands in redis.existingSecret',
    ],
  ])('%j are refused: %s', async (values, message) => {
    expect(await helm().refusal(values)).toContain(message);
  });
});

describeWith('the configuration in the values', needs, () => {
  const withConfig = async (config: unknown): Promise<string> => helm().refusal({ ...least, config });

  it('is refused for every setting that is misspelled, however deep, before anything is installed', async () => {
    const misspelled = settingsOf(jsonSchema())
      .map(({ path }) => path)
      .filter((path) => !path.endsWith('[]'))
      .map((path) => `${path}x`);
    const refusal = await withConfig(misspelledIn(misspelled));
    const notTold = misspelled.filter((path) => !refusal.includes(`'${path.replace(/^.*\./, '')}'`));
    expect(misspelled.length).toBeGreaterThan(100);
    expect(notTold).toEqual([]);
  });

  it.each([
    [
      { pools: [{ name: 'a', windws: [] }] },
      "at '/config/pools/0': additional properties 'windws' not allowed",
    ],
    [{ pools: [{ name: 'a', approval: 'windo' }] }, "at '/config/pools/0/approval'"],
    [{ pools: [{ name: 'a', notice: '12 hours' }] }, "at '/config/pools/0/notice'"],
    [
      { pools: [{ name: 'a', concurrency: '2' }] },
      "at '/config/pools/0/concurrency': got string, want integer",
    ],
    [{ pools: [{ selector: 'a=b' }] }, "at '/config/pools/0': missing property 'name'"],
    [{ excludeDates: ['24.12.2026'] }, "at '/config/excludeDates/0'"],
    [{ channel: '#ops' }, "at '/config/channel'"],
  ])('%j is refused: %s', async (config, message) => {
    expect(await withConfig(config)).toContain(message);
  });

  it('is taken where check-config takes it', async () => {
    const example = readFileSync(new URL('../../examples/tugboot.yaml', import.meta.url), 'utf8');
    expect(await withConfig(parse(example))).toBe('');
    expect(await withConfig({})).toBe('');
  });
});

/** One configuration with all of these settings, each of which ends in a name that does not exist. */
function misspelledIn(paths: readonly string[]): unknown {
  const config: Record<string, unknown> = {};
  for (const path of paths) {
    let at = config;
    const steps = path.split('.');
    for (const step of steps.slice(0, -1)) {
      const name = step.replace('[]', '');
      const inner = (at[name] ??= step.endsWith('[]') ? [{}] : {}) as Record<string, unknown>;
      at = (Array.isArray(inner) ? inner[0] : inner) as Record<string, unknown>;
    }
    at[(steps.at(-1) ?? '').replace('[]', '')] = 'x';
  }
  return config;
}

describe('the chart’s own files', () => {
  const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Record<string, unknown>;
  const readme = readFileSync(join(chart, 'README.md'), 'utf8');

  it('name every value in the README, and no value that is not there', () => {
    const named = [...readme.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) =>
      cell.split(', ').map((name) => name.replaceAll('`', '')),
    );
    expect([...new Set(named)].sort()).toEqual(pathsOf(values).sort());
  });

  it('carry the definitions of both custom resources', () => {
    const crds = join(chart, 'files/crds');
    const names = readdirSync(crds).map(
      (file) => (parse(readFileSync(join(crds, file), 'utf8')) as Manifest).metadata.name,
    );
    expect(names.sort()).toEqual(['nodeagents.tugboot.dev', 'reboots.tugboot.dev']);
  });

  it('have the version of the program', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'))).toMatchObject({
      version,
      appVersion: version,
    });
  });
});

/** Settings stop where Kubernetes' own fields, or a person's own content, begin. */
function pathsOf(values: Record<string, unknown>, prefix = ''): string[] {
  const opaque = new Set(['resources', 'config']);
  return Object.entries(values).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    const nested =
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
    if (!nested || opaque.has(name)) return [path];
    const inner = value as Record<string, unknown>;
    return pathsOf(inner, `${path}.`);
  });
}

function secretOf(
  manifests: readonly Manifest[],
  ref: { readonly name: string; readonly key: string } | undefined,
): string | undefined {
  if (ref === undefined) return undefined;
  return (one(manifests, 'Secret', ref.name)['stringData'] as Record<string, string>)[ref.key];
}
