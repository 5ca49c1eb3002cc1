import { describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../../src/config/load.ts';
import { warningsOf } from '../../src/config/checks/warnings.ts';
import { ConfigError } from '../../src/config/checks/problems.ts';
import { readConfigFile } from '../../src/config/config-file.ts';

const env = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', TUGBOOT_CONFIG: 'tugboot.yaml' };

function load(yaml: string, more: Readonly<Record<string, string>> = {}): Config {
  const readFile = (path: string): string => {
    if (path === 'tugboot.yaml') return yaml;
    if (path.startsWith('/missing')) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return '';
  };
  return loadConfig({ env: { ...env, ...more }, readFile });
}

function problemsWith(yaml: string): readonly string[] {
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

describe('several clusters', () => {
  const three = `
channel: C0SHARED12
approvers: channel
timeZone: Europe/Berlin
pools: [{ name: workers, concurrency: 2 }]
clusters:
  - name: home
  - name: prod-us
    colour: blue
    kubeconfig: /etc/tugboot/us
    context: us-east
    channel: C0US123456
    pools: [{ name: nodes }, { name: gpu, channel: C0GPU12345 }]
  - { name: edge, server: https://10.0.0.1:6443, tokenFile: /var/edge/token, caFile: /var/edge/ca.crt, namespace: ops }
`;

  it('each have their own settings, and those of the file in place of others', () => {
    const { clusters } = load(three, { POD_NAMESPACE: 'boats', KUBECONFIG: '/etc/kubeconfig' });
    expect(
      clusters.map(({ policy: { cluster, colour, pools }, kube, isHome }) => ({
        cluster,
        colour,
        kube,
        isHome,
        pools: pools.map(({ name, channel, concurrency }) => [name, channel, concurrency]),
      })),
    ).toEqual([
      {
        cluster: 'home',
        colour: undefined,
        kube: { namespace: 'boats', kubeconfig: '/etc/kubeconfig' },
        isHome: true,
        pools: [['workers', 'C0SHARED12', 2]],
      },
      {
        cluster: 'prod-us',
        colour: 'blue',
        kube: { namespace: 'boats', kubeconfig: '/etc/tugboot/us', context: 'us-east' },
        isHome: false,
        pools: [
          ['nodes', 'C0US123456', 1],
          ['gpu', 'C0GPU12345', 1],
        ],
      },
      {
        cluster: 'edge',
        colour: undefined,
        kube: {
          namespace: 'ops',
          server: 'https://10.0.0.1:6443',
          tokenFile: '/var/edge/token',
          caFile: '/var/edge/ca.crt',
        },
        isHome: false,
        pools: [['workers', 'C0SHARED12', 2]],
      },
    ]);
    expect(clusters.every(({ policy }) => policy.pools[0]?.approvers.kind === 'channel')).toBe(true);
  });

  it('may each be a context of one kubeconfig', () => {
    const { clusters } = load(
      'channel: C0SHARED12\nclusters: [{ name: a, context: a }, { name: b, context: b }]',
      {
        KUBECONFIG: '/etc/kubeconfig',
      },
    );
    expect(clusters.map(({ kube }) => kube)).toEqual([
      { namespace: 'tugboot', kubeconfig: '/etc/kubeconfig', context: 'a' },
      { namespace: 'tugboot', kubeconfig: '/etc/kubeconfig', context: 'b' },
    ]);
  });

  it('suggest no setting of the very same name, which has its place elsewhere', () => {
    const [, problem] = problemsWith('clusters: [{ cluster: eu, channel: C0SHARED12 }]');
    expect(problem).toMatch(/^clusters\[0\]\.cluster: There is no such setting\./);
    expect(problem).not.toContain('Did you mean cluster?');
  });

  it('are told of all that is wrong at once, each with its place and what to do', () => {
    expect(
      problemsWith(`
cluster: old
pools: [{ name: a, approval: window }]
clusters:
  - { name: One, channel: C0SHARED12, colour: pink }
  - { name: two, server: https://10.0.0.1, kubeconfig: /missing/kubeconfig, channel: C0SHARED12 }
  - { name: two, tokenFile: /missing/token, pools: [{ name: a, approval: window }, { name: a }] }
  - { name: four, server: "http://10.0.0.2", poools: [] }
`),
    ).toEqual([
      expect.stringMatching(/^clusters\[0\]\.name: Found "One"\. Cluster names are/),
      expect.stringMatching(/^clusters\[0\]\.colour: Found "pink"\. Write red, .* or white\.$/),
      expect.stringMatching(
        /^clusters\[3\]\.server: Found "http:\/\/10\.0\.0\.2"\. The address of an API server looks like/,
      ),
      expect.stringMatching(/^clusters\[3\]\.poools: There is no such setting\. Did you mean pools\?$/),
      expect.stringMatching(/^cluster: It stands beside `clusters`/),
      expect.stringMatching(/^pools\[0\]\.approval: Found "window"\. There is no window/),
      expect.stringMatching(/^clusters\[1\]\.server: It stands beside a kubeconfig or a context\./),
      expect.stringMatching(/^clusters\[2\]\.pools\[0\]\.approval: Found "window"/),
      expect.stringMatching(/^clusters\[2\]\.pools\[1\]\.name: Found "a"\. Another pool has this name/),
      expect.stringMatching(/^clusters\[2\]\.name: Found "two"\. Another cluster has this name/),
      expect.stringMatching(/^clusters\[2\]\.tokenFile: .*goes with `server`/),
      expect.stringMatching(/^clusters\[2\]: It names neither .* as One is\. Name one\.$/),
      expect.stringMatching(/^clusters\[3\]\.server: There is no `tokenFile` beside it\./),
    ]);
  });

  it('need files that can be read, and a channel each', () => {
    expect(
      problemsWith(`
clusters:
  - { name: one, kubeconfig: /missing/kubeconfig, channel: C0SHARED12 }
  - { name: two, server: https://10.0.0.1, tokenFile: /missing/token, caFile: /missing/ca }
`),
    ).toEqual([
      expect.stringMatching(/^clusters\[1\]\.channel: Nothing is there\. Write the id/),
      'clusters[0].kubeconfig: Found "/missing/kubeconfig". This file cannot be read (ENOENT).',
      expect.stringMatching(/^clusters\[1\]\.tokenFile: .*cannot be read \(ENOENT\)\.$/),
      'clusters[1].caFile: Found "/missing/ca". This file cannot be read (ENOENT).',
    ]);
  });

  it('are not the same cluster twice', () => {
    expect(
      problemsWith(
        'channel: C0SHARED12\nclusters: [{ name: a, kubeconfig: /a }, { name: b, kubeconfig: /a }]',
      ),
    ).toEqual([expect.stringMatching(/^clusters\[1\]: It is reached as a is/)]);
  });

  it('are warned of a setting where it is written, and once', () => {
    const file = readConfigFile(
      {
        readFile: () => `
channel: C0SHARED12
clusters:
  - { name: a, kubeconfig: /a }
  - { name: b, kubeconfig: /b }
  - { name: c, kubeconfig: /c, pools: [{ name: own }] }
`,
      },
      'f',
      [],
    );
    const warnings = file && warningsOf(file, { now: 0, isMounted: () => undefined });
    expect(warnings?.map(({ path }) => path)).toEqual([
      'pools[0].approvers',
      'clusters[2].pools[0].approvers',
    ]);
  });
});
