import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textAt } from '../../../src/k8s/api/json-value.ts';
import { rawKube } from '../../demo/kube/raw-kube.ts';
import {
  ordersGiven,
  type Setting,
  type Story,
  type StoryEnvironment,
  workers,
} from '../../stories/story-environment.ts';
import { bot, installation } from '../harness/install-chart.ts';
import { agentFiles, type RealEnvironment, tokenOfAgent } from '../harness/real-environment.ts';

type DemoEnvironment = StoryEnvironment<RealEnvironment>;

const setting: Setting = {
  bots: 0,
  // An agent looks at its files once a minute, and waits up to a minute between two tries.
  patience: 180_000,
  pools: [{ ...workers, rebootTimeout: '5m', settleTimeout: '5m' }],
};

interface Files {
  readonly ca: string;
  readonly token: string;
  readonly kubeconfig: string;
}

/**
 * As in a pod: certificate and token are files, which the kubelet replaces (client-node makes the same of
 * both).
 */
function writeAccess(environment: DemoEnvironment, token: string): Files {
  const at = (name: string): string => join(environment.directory, name);
  const files = { ca: at('bot.ca.crt'), token: at('bot.token'), kubeconfig: at('rotating.kubeconfig') };
  writeFileSync(files.ca, environment.cluster.ca);
  writeFileSync(files.token, token);
  const config = {
    clusters: [
      { name: 'c', cluster: { server: environment.cluster.url, 'certificate-authority': files.ca } },
    ],
    users: [
      { name: 'u', user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile: files.token } } } },
    ],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  };
  writeFileSync(files.kubeconfig, JSON.stringify(config));
  return files;
}

/** A pod that nobody runs: it is there for a token to be bound to. */
async function podForBot(
  environment: DemoEnvironment,
): Promise<{ readonly name: string; readonly uid: string }> {
  const pod = await environment.kube('POST', `/api/v1/namespaces/${installation}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'bot-' },
    spec: {
      serviceAccountName: bot.name,
      nodeSelector: { 'kubernetes.io/hostname': 'nowhere' },
      containers: [{ name: 'bot', image: 'bot' }],
    },
  });
  return { name: textAt(pod, 'metadata', 'name') ?? '', uid: textAt(pod, 'metadata', 'uid') ?? '' };
}

async function endOf(environment: DemoEnvironment, pod: string): Promise<void> {
  await environment.kube('DELETE', `/api/v1/namespaces/${installation}/pods/${pod}`, {
    gracePeriodSeconds: 0,
  });
}

/** The API server believes a token for some seconds longer than it is good. */
async function untilRefused(environment: DemoEnvironment, token: string): Promise<void> {
  const api = rawKube(environment.cluster.url, token);
  const isRefused = async (): Promise<boolean> =>
    (await api.send('GET', '/api/v1/nodes/worker-1')).status === 401;
  await environment.eventually('the old token is refused', isRefused);
}

/** Certificates and tokens that are replaced while programs use them. */
export function rotationFaults(story: Story<RealEnvironment>): void {
  describe('what bot and agents are let in with is replaced', () => {
    it(
      'the certificate, by one of another authority: told while locked out, and back by the new file alone',
      story(setting, async (environment) => {
        const files = writeAccess(environment, await environment.cluster.tokenOf(bot));
        const running = await environment.connected(() =>
          environment.startBot({ kubeconfig: files.kubeconfig }),
        );
        const card = await environment.upgrade('worker-1');
        const agent = environment.agents.get('worker-1');

        await environment.plane.rotateCertificate();
        await environment.press('mia', card, 'Approve now');
        expect(await environment.whisper('mia', /./)).toMatch(/cluster (did not answer|cannot be reached)/);
        writeFileSync(files.ca, environment.cluster.ca);
        for (const node of environment.kubelets.keys())
          writeFileSync(agentFiles(environment.directory, node).ca, environment.cluster.ca);

        await environment.eventually('the decision is taken', async () => {
          await environment
            .press('mia', await environment.card('worker-1', /./), 'Approve now')
            .catch(() => undefined);
          return environment.slack.messages().some(({ text }) => /Approved by/.test(text));
        });
        await environment.card('worker-1', /^✓/u);
        await environment.isFree('worker-1');
        expect(await ordersGiven(environment, 'worker-1')).toBe(1);
        // Neither was restarted because of the rotation: the agent ended with its machine, when it obeyed.
        expect(running.child.exitCode).toBe(null);
        expect(agent?.child.signalCode).toBe('SIGKILL');
      }),
    );

    it(
      'the tokens, revoked with the pods that they are bound to: the new ones in the files are taken up',
      story(setting, async (environment) => {
        const first = await podForBot(environment);
        const token = await environment.cluster.tokenOf({ ...bot, pod: first });
        const files = writeAccess(environment, token);
        const running = await environment.connected(() =>
          environment.startBot({ kubeconfig: files.kubeconfig }),
        );
        const card = await environment.upgrade('worker-1');

        const pods = await environment.kube('GET', `/api/v1/namespaces/${installation}/pods`);
        for (const { metadata, spec } of pods['items'] as {
          metadata: { name: string };
          spec: { nodeName?: string };
        }[])
          if (spec.nodeName === 'worker-1') await endOf(environment, metadata.name);
        await endOf(environment, first.name);
        await untilRefused(environment, token);
        const second = await podForBot(environment);
        writeFileSync(files.token, await environment.cluster.tokenOf({ ...bot, pod: second }));
        writeFileSync(
          agentFiles(environment.directory, 'worker-1').token,
          await tokenOfAgent(environment.cluster, 'worker-1'),
        );

        await environment.eventually('the decision is taken', async () => {
          await environment.press('mia', card, 'Approve now').catch(() => undefined);
          return environment.slack.messages().some(({ text }) => /Approved by/.test(text));
        });
        await environment.card('worker-1', /^✓/u);
        await environment.isFree('worker-1');
        expect(await ordersGiven(environment, 'worker-1')).toBe(1);
        expect(running.child.exitCode).toBe(null);
        await endOf(environment, second.name);
      }),
    );
  });
}
