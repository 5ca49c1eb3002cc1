import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/checks/problems.ts';
import type { HooksPolicy } from '../../src/reboot/policy/pool-hooks.ts';

const environment = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  SLACK_CHANNEL: 'C0123ABCD',
  TUGBOOT_CONFIG: 'tugboot.yaml',
};
const load = (yaml: string) => loadConfig({ env: environment, readFile: () => yaml });
const hooksOf = (hooks: string): HooksPolicy | undefined =>
  load(`pools:\n  - name: workers\n    hooks: ${hooks}`).clusters[0].policy.pools[0]?.hooks;

/** What is said about a file, line by line, without its title. */
function complaints(yaml: string): readonly string[] {
  try {
    load(yaml);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
}
const complaintsAbout = (hooks: string): readonly string[] =>
  complaints(`pools:\n  - name: workers\n    hooks: ${hooks}`);

describe('hooks', () => {
  it('are all off where nothing is written', () => {
    expect(load('{}').clusters[0].policy.pools[0]?.hooks).toEqual({
      labels: { before: {}, after: {} },
      annotations: { before: {}, after: {} },
      preferNoSchedule: false,
      annotateState: false,
      drainConditions: false,
      excludeFromLoadBalancers: false,
      drainDelay: 0,
      rebootDelay: 0,
    });
  });

  it('name alerts to silence in the words of Alertmanager', () => {
    const matchers = String.raw`['node="{node}"', 'instance=~{node}:.*', 'severity != "critical"', 'job!~"a|\"b"']`;
    expect(
      hooksOf(`{ silence: { url: "http://alertmanager:9093", matchers: ${matchers} } }`)?.silence,
    ).toEqual({
      access: { url: 'http://alertmanager:9093', headers: {} },
      matchers: [
        { name: 'node', value: '{node}', isRegex: false, isEqual: true },
        { name: 'instance', value: '{node}:.*', isRegex: true, isEqual: true },
        { name: 'severity', value: 'critical', isRegex: false, isEqual: false },
        { name: 'job', value: 'a|"b', isRegex: true, isEqual: false },
      ],
    });
  });

  it.each([
    ['{ url: "http://a" }', 'Matchers are a list.'],
    ['{ url: "http://a", matchers: [] }', 'Name at least one matcher.'],
    ['{ url: "http://a", matchers: [node] }', 'A matcher of Alertmanager'],
    [`{ url: "http://a", matchers: ['node="{node}'] }`, 'A matcher of Alertmanager'],
    [`{ url: "http://a", matchers: ['{node="{node}"}'] }`, 'A matcher of Alertmanager'],
    [`{ url: "http://a", matchers: ['severity="warning"'] }`, 'One matcher has to name the node'],
    [`{ url: "http://a", matchers: ['node!="{node}"'] }`, 'One matcher has to name the node'],
    [`{ url: "http://a", matchers: ['node=~"{node}("'] }`, 'No regular expression'],
    [`{ url: "http://a", matchers: ['node={node}', 'node!=b'] }`, 'One matcher for each label'],
    ['http://a', 'A silence is written as `url:` and `matchers:`.'],
  ])('%s is no silence: %s', (silence, said) => {
    expect(complaintsAbout(`{ silence: ${silence} }`).join('\n')).toContain(said);
  });

  it('name webhooks, which have ten minutes and may not fail unless a file says otherwise', () => {
    const url = 'https://hooks.example.com/reboot';
    expect(
      hooksOf(
        `{ before: { url: "${url}" }, after: { url: "${url}", secretFile: /s/key, timeout: 30s, onFailure: continue, bearerTokenFile: /s/token } }`,
      ),
    ).toMatchObject({
      before: { access: { url, headers: {} }, timeout: 600_000, onFailure: 'fail' },
      after: {
        access: { url, auth: { kind: 'bearer', tokenFile: '/s/token' } },
        secretFile: '/s/key',
        timeout: 30_000,
        onFailure: 'continue',
      },
    });
  });

  it.each([
    ['{ before: {} }', 'An address, such as'],
    ['{ before: https://example.com }', 'A hook is written as `url:` and its access.'],
    ['{ after: { url: "https://a", timeout: 5s } }', 'Write a duration from 10s to 24h'],
    ['{ after: { url: "https://a", timeout: 25h } }', 'Write a duration from 10s to 24h'],
    ['{ after: { url: "https://a", onFailure: undo } }', 'Write fail or continue.'],
    ['{ after: { url: "https://a:secret@b" } }', 'No password in an address'],
  ])('%s is no hook: %s', (hooks, said) => {
    expect(complaintsAbout(hooks).join('\n')).toContain(said);
  });

  it('mean what they say', () => {
    const labels =
      '{ before: { example.com/maintenance: "true" }, after: { example.com/maintenance: "", patched: "1" } }';
    expect(
      hooksOf(
        `{ labels: ${labels}, annotations: { before: { cluster-autoscaler.kubernetes.io/scale-down-disabled: "true" } }, preferNoSchedule: true, annotateState: true, drainConditions: true, excludeFromLoadBalancers: true, drainDelay: 30s, rebootDelay: 1m30s }`,
      ),
    ).toEqual({
      labels: {
        before: { 'example.com/maintenance': 'true' },
        after: { 'example.com/maintenance': '', patched: '1' },
      },
      annotations: {
        before: { 'cluster-autoscaler.kubernetes.io/scale-down-disabled': 'true' },
        after: {},
      },
      preferNoSchedule: true,
      annotateState: true,
      drainConditions: true,
      excludeFromLoadBalancers: true,
      drainDelay: 30_000,
      rebootDelay: 90_000,
    });
  });

  it.each([
    ['{ drainDelay: 2h }', 'hooks.drainDelay: Found "2h". Write a duration of at most 1h'],
    ['{ rebootDelay: soon }', 'hooks.rebootDelay: Found "soon". Write a duration of at most 1h'],
    ['{ preferNoSchedule: maybe }', 'hooks.preferNoSchedule: Found "maybe". Write true or false.'],
    ['{ drainDelays: 2s }', 'hooks.drainDelays: There is no such setting. Did you mean drainDelay?'],
    [
      '{ labels: { before: { "a b": x } } }',
      'hooks.labels.before.a b: Found "x". That is no key of a label.',
    ],
    ['{ labels: { before: { a: true } } }', 'hooks.labels.before.a: Found true. Label values are text'],
    ['{ labels: { after: { a: "x y" } } }', 'hooks.labels.after.a: Found "x y". Label values are text'],
    [
      '{ labels: { before: { node-role.kubernetes.io/worker: "" } } }',
      'hooks.labels.before.node-role.kubernetes.io/worker: Found "". Of the labels of kubernetes.io and k8s.io only those of node.kubernetes.io',
    ],
    [
      '{ labels: { before: { tugboot.dev/state: x } } }',
      'hooks.labels.before.tugboot.dev/state: Found "x". Of the labels of kubernetes.io and k8s.io only',
    ],
    [
      '{ labels: { before: { node.kubernetes.io/exclude-from-external-load-balancers: "true" } } }',
      'hooks.labels.before.node.kubernetes.io/exclude-from-external-load-balancers: Found "true". Write `excludeFromLoadBalancers: true`',
    ],
    [
      '{ labels: { after: { node.kubernetes.io/instance-type: x } } }',
      'hooks.labels.after.node.kubernetes.io/instance-type: Found "x". Of the labels of kubernetes.io and k8s.io only',
    ],
    [
      '{ annotations: { before: { tugboot.dev/paused: x } } }',
      'hooks.annotations.before.tugboot.dev/paused: Found "x". Annotations of tugboot.dev are written by Tugboot itself.',
    ],
    [
      '{ annotations: { after: { csi.volume.kubernetes.io/nodeid: x } } }',
      'hooks.annotations.after.csi.volume.kubernetes.io/nodeid: Found "x". Kubernetes runs the node by this annotation.',
    ],
    [
      '{ annotations: { before: { a: true } } }',
      'hooks.annotations.before.a: Found true. Values of annotations are text',
    ],
    [
      '{ annotations: { before: { "a b": x } } }',
      'hooks.annotations.before.a b: Found "x". That is no key of an annotation.',
    ],
  ])('say what is wrong and what would be right: %s', (hooks, expected) => {
    const [line, ...more] = complaintsAbout(hooks);
    expect(line?.startsWith(`pools[0].${expected}`), line).toBe(true);
    expect(more).toEqual([]);
  });

  it('allow the labels of Kubernetes that a node may write itself', () => {
    const key = 'node.kubernetes.io/maintenance';
    expect(hooksOf(`{ labels: { before: { ${key}: "true" } } }`)?.labels.before).toEqual({ [key]: 'true' });
  });

  it('do not write what asks for a reboot of any pool, or says that a node is on its way out', () => {
    const yaml = `departing: { annotations: [example.com/leaving] }
pools:
  - name: workers
    selector: role=worker
    hooks:
      labels: { after: { flatcar-linux-update.v1.flatcar-linux.net/reboot-needed: "false", patch: "1" } }
      annotations: { before: { example.com/leaving: x, cluster.x-k8s.io/delete-machine: "", patch: x } }
  - name: rest
    signals: [sentinel, fluo-label, { annotation: patch }]`;
    expect(complaints(yaml)).toEqual([
      'pools[0].hooks.labels.after.flatcar-linux-update.v1.flatcar-linux.net/reboot-needed: This label is a signal of a pool: it would ask for a reboot. Use another one.',
      'pools[0].hooks.annotations.before.example.com/leaving: This annotation says that a node is on its way out (`departing`). Use another one.',
      'pools[0].hooks.annotations.before.cluster.x-k8s.io/delete-machine: This annotation says that a node is on its way out (`departing`). Use another one.',
      'pools[0].hooks.annotations.before.patch: This annotation is a signal of a pool: it would ask for a reboot. Use another one.',
    ]);
  });

  it('do not touch a label that says which pool a node is of, in any pool', () => {
    const yaml = `pools:
  - name: workers
    selector: role=worker,!spare
    hooks: { labels: { before: { role: busy, team: x }, after: { spare: "no", worker: "1" } } }
  - name: rest
    selector: tier in (front, team)
    hooks: { labels: { before: { tier: none } } }`;
    expect(complaints(yaml)).toEqual([
      'pools[0].hooks.labels.before.role: The selector of pool workers looks at this label: with it the node would change its pool. Use another one.',
      'pools[0].hooks.labels.after.spare: The selector of pool workers looks at this label: with it the node would change its pool. Use another one.',
      'pools[1].hooks.labels.before.tier: The selector of pool rest looks at this label: with it the node would change its pool. Use another one.',
    ]);
  });

  it('tell everything that is wrong at once', () => {
    expect(
      complaintsAbout(
        '{ labels: { before: { "-": x }, after: { k8s.io/a: b } }, drainDelay: x, annotateState: 1 }',
      ),
    ).toHaveLength(4);
  });
});
