import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, listAt } from '../../src/k8s/api/json-value.ts';
import { describe, expect, it } from 'vitest';
import { answered } from './commands.ts';
import { type Story, type StoryEnvironment, workers } from './story-environment.ts';

const pools = (signals: readonly unknown[]) => [{ ...workers, signals, unknownFor: '1s' }];

/** A service among the processes of a machine. */
function runOnHost(environment: StoryEnvironment, node: string, name: string): void {
  const path = environment.kubelets.get(node)?.host.path ?? expect.unreachable();
  const place = join(path, 'proc', '812');
  mkdirSync(place);
  writeFileSync(join(place, 'comm'), `${name}\n`);
  // A package list without a sentinel requests nothing, but triggers a run of the agent: so the problems of
  // two nodes appear in one message.
  writeFileSync(join(path, 'run', 'reboot-required.pkgs'), '');
}

/** Signals other than the sentinel. */
export function signalStories(story: Story): void {
  describe('signals', () => {
    it(
      'a newer kernel asks, without a word of the sentinel, and the proof is that it runs',
      story({ pools: pools(['kernel']) }, async (environment) => {
        // Without the sentinel among its signals, the card shows no packages to wait for.
        await environment.world.aptUpgrade('worker-1');
        const card = await environment.card('worker-1', /asks for a reboot/u);
        expect(JSON.stringify(card.blocks)).toContain('*Asked for by* kernel');
        expect(JSON.stringify(card.blocks)).toContain('*Packages* the node names none');
        expect(JSON.stringify(card.blocks)).toContain('up since');
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /rebooted in/);
      }),
    );

    it(
      'a boot loader that is pinned keeps its kernel, which is no failure where none is expected, and is told',
      story({ pools: [{ ...workers, expectKernel: 'any' }] }, async (environment) => {
        const card = await environment.upgrade('worker-1');
        environment.kubelets.get('worker-1')?.failNextBoot('old-kernel');
        await environment.press('mia', card, 'Approve now');
        const ended = await environment.card('worker-1', /rebooted in/);
        expect(JSON.stringify(ended.blocks)).toContain('is installed and does not run');
        await environment.isFree('worker-1');
      }),
    );

    it(
      'an annotation of somebody else asks, is named on the card, and takes its wish back',
      story({ pools: pools([{ annotation: 'example.com/please', value: 'yes' }]) }, async (environment) => {
        const annotate = (value: string | null): Promise<unknown> =>
          environment.kube('PATCH', '/api/v1/nodes/worker-2', {
            metadata: { annotations: { 'example.com/please': value } },
          });
        await annotate('yes');
        await environment.card('worker-2', /Asked for by\* example\.com\/please/);
        await annotate(null);
        await environment.card('worker-2', /no longer asks for a reboot/);
      }),
    );

    it(
      'one that cannot be read is told of in the channel, once for all nodes, however many bots there are',
      story({ pools: pools(['sentinel', 'ostree']), bots: 2, patience: 240_000 }, async (environment) => {
        const notices = (): string[] =>
          environment.slack
            .messages()
            .map(({ text }) => text)
            .filter((text) => text.includes('ostree'));
        // Both problems start again within a minute, however far apart the agents were started.
        const agents = '/apis/tugboot.dev/v1alpha1/nodeagents';
        const reported = async (): Promise<boolean> =>
          listAt(await environment.kube('GET', agents), 'items').filter(
            (each) => at(each, 'status') !== undefined,
          ).length === 2;
        await environment.eventually('both agents have reported', reported);
        for (const node of ['worker-1', 'worker-2'])
          await environment.kube('DELETE', `${agents}/${node}`, {});
        await environment.eventually('both agents have reported again', reported);
        await environment.eventually('the notice', () => notices().length > 0);
        expect(notices()[0]).toContain('2 nodes cannot tell whether they need a reboot');
        // A node with another signal still gets its card.
        await environment.upgrade('worker-1');
        expect(notices()).toHaveLength(1);
      }),
    );

    it(
      'another rebooter on the nodes is told of in the channel, once for all of them and for both bots, on the nodes and in the status',
      story({ bots: 2 }, async (environment) => {
        const notices = (): string[] =>
          environment.slack
            .messages()
            .map(({ text }) => text)
            .filter((text) => text.includes('rebooter'));
        const nodes = ['worker-1', 'worker-2'];
        for (const node of nodes) runOnHost(environment, node, 'locksmithd');
        await environment.eventually('the notice', () => notices().length > 0);
        expect(notices()[0]).toContain('2 nodes have another rebooter');
        const warned = async (): Promise<readonly unknown[]> =>
          listAt(await environment.kube('GET', '/api/v1/events'), 'items')
            .filter((event) => at(event, 'reason') === 'OtherRebooter')
            .map((event) => at(event, 'involvedObject', 'name'));
        await environment.eventually('the Events', async () => (await warned()).length >= nodes.length);
        // It blocks nothing, and a reboot does not change it: the service starts again with the boot.
        const card = await environment.upgrade('worker-1');
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /rebooted in/);
        await answered(
          environment,
          'status',
          /locksmithd runs on worker-1, worker-2,.*mask --now locksmithd/,
        );
        expect(new Set(await warned())).toEqual(new Set(nodes));
        expect(notices()).toHaveLength(1);
      }),
    );
  });
}
