import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textAt } from '../../../src/k8s/api/json-value.ts';
import { rawKube } from '../../demo/kube/raw-kube.ts';
import {
  ordersGiven,
  type Setting,
  type Story,
  type StoryHouse,
  workers,
} from '../../stories/story-house.ts';
import { bot, installation } from '../harness/install-chart.ts';
import { agentFiles, type RealHouse, tokenOfAgent } from '../harness/real-house.ts';

type House = StoryHouse<RealHouse>;

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
function writeAccess(house: House, token: string): Files {
  const at = (name: string): string => join(house.directory, name);
  const files = { ca: at('bot.ca.crt'), token: at('bot.token'), kubeconfig: at('rotating.kubeconfig') };
  writeFileSync(files.ca, house.cluster.ca);
  writeFileSync(files.token, token);
  const config = {
    clusters: [{ name: 'c', cluster: { server: house.cluster.url, 'certificate-authority': files.ca } }],
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
async function podForBot(house: House): Promise<{ readonly name: string; readonly uid: string }> {
  const pod = await house.kube('POST', `/api/v1/namespaces/${installation}/pods`, {
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

async function endOf(house: House, pod: string): Promise<void> {
  await house.kube('DELETE', `/api/v1/namespaces/${installation}/pods/${pod}`, { gracePeriodSeconds: 0 });
}

/** The API server believes a token for some seconds longer than it is good. */
async function untilRefused(house: House, token: string): Promise<void> {
  const api = rawKube(house.cluster.url, token);
  const isRefused = async (): Promise<boolean> =>
    (await api.send('GET', '/api/v1/nodes/worker-1')).status === 401;
  await house.eventually('the old token is refused', isRefused);
}

/** Certificates and tokens that are replaced while programs use them. */
export function rotationFaults(story: Story<RealHouse>): void {
  describe('what bot and agents are let in with is replaced', () => {
    it(
      'the certificate, by one of another authority: told while locked out, and back by the new file alone',
      story(setting, async (house) => {
        const files = writeAccess(house, await house.cluster.tokenOf(bot));
        const running = await house.connected(() => house.startBot({ kubeconfig: files.kubeconfig }));
        const card = await house.upgrade('worker-1');
        const agent = house.agents.get('worker-1');

        await house.plane.rotateCertificate();
        await house.press('mia', card, 'Approve now');
        expect(await house.whisper('mia', /./)).toMatch(/cluster (did not answer|cannot be reached)/);
        writeFileSync(files.ca, house.cluster.ca);
        for (const node of house.kubelets.keys())
          writeFileSync(agentFiles(house.directory, node).ca, house.cluster.ca);

        await house.eventually('the decision is taken', async () => {
          await house.press('mia', await house.card('worker-1', /./), 'Approve now').catch(() => undefined);
          return house.slack.messages().some(({ text }) => /Approved by/.test(text));
        });
        await house.card('worker-1', /^✓/u);
        await house.isFree('worker-1');
        expect(await ordersGiven(house, 'worker-1')).toBe(1);
        // Neither was started anew to learn of it: the agent ended with its machine, when it obeyed.
        expect(running.child.exitCode).toBe(null);
        expect(agent?.child.signalCode).toBe('SIGKILL');
      }),
    );

    it(
      'the tokens, revoked with the pods that they are bound to: the new ones in the files are taken up',
      story(setting, async (house) => {
        const first = await podForBot(house);
        const token = await house.cluster.tokenOf({ ...bot, pod: first });
        const files = writeAccess(house, token);
        const running = await house.connected(() => house.startBot({ kubeconfig: files.kubeconfig }));
        const card = await house.upgrade('worker-1');

        const pods = await house.kube('GET', `/api/v1/namespaces/${installation}/pods`);
        for (const { metadata, spec } of pods['items'] as {
          metadata: { name: string };
          spec: { nodeName?: string };
        }[])
          if (spec.nodeName === 'worker-1') await endOf(house, metadata.name);
        await endOf(house, first.name);
        await untilRefused(house, token);
        const second = await podForBot(house);
        writeFileSync(files.token, await house.cluster.tokenOf({ ...bot, pod: second }));
        writeFileSync(
          agentFiles(house.directory, 'worker-1').token,
          await tokenOfAgent(house.cluster, 'worker-1'),
        );

        await house.eventually('the decision is taken', async () => {
          await house.press('mia', card, 'Approve now').catch(() => undefined);
          return house.slack.messages().some(({ text }) => /Approved by/.test(text));
        });
        await house.card('worker-1', /^✓/u);
        await house.isFree('worker-1');
        expect(await ordersGiven(house, 'worker-1')).toBe(1);
        expect(running.child.exitCode).toBe(null);
        await endOf(house, second.name);
      }),
    );
  });
}
