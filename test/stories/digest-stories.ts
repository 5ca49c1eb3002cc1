import { describe, expect, it } from 'vitest';
import type { Message } from '../../demo/slack/workspace/records.ts';
import { answered } from './commands.ts';
import { described, ordersGiven, type Story, type StoryEnvironment, workers } from './story-environment.ts';

const names = Array.from({ length: 12 }, (_, nth) => `worker-${String(nth + 1).padStart(2, '0')}`);
const setting = {
  pools: [{ ...workers, concurrency: 3, maxUnavailable: 3 }],
  config: { concurrency: 3 },
  nodes: names.map((name) => ({ name, controlPlane: false })),
};
/** The default of `digestFrom`: so many nodes have cards of their own. */
const mostCards = 4;

const isDigest = ({ byApp, threadTs, text }: Message): boolean =>
  byApp && threadTs === undefined && /^. (\d+ of )?(\d+ nodes?|Nodes) of pool workers/u.test(text);
const digestsOf = (environment: StoryEnvironment): readonly Message[] =>
  environment.slack.messages().filter(isDigest);
const cardsOf = (environment: StoryEnvironment): readonly Message[] =>
  environment.slack
    .messages()
    .filter(({ byApp, threadTs, text }) => byApp && threadTs === undefined && /^. worker-\d+/u.test(text));

async function digest(environment: StoryEnvironment, wished: RegExp): Promise<Message> {
  const find = (): Message | undefined =>
    digestsOf(environment).find((message) => wished.test(described(message)));
  await environment.eventually(`a digest like ${String(wished)}`, () => find() !== undefined);
  const found = find();
  if (!found) throw new Error('the digest has changed already');
  return found;
}

interface Listed {
  readonly items: readonly {
    readonly status?: { readonly state?: { readonly phase: string; readonly decision?: unknown } };
  }[];
}

/** How many Reboots carry a decision. */
async function decided(environment: StoryEnvironment): Promise<number> {
  const { items } = (await environment.kube(
    'GET',
    '/apis/tugboot.dev/v1alpha1/reboots',
  )) as unknown as Listed;
  return items.filter(({ status }) => JSON.stringify(status ?? {}).includes('U0MIA')).length;
}

/** Many nodes that ask at once. */
export function digestStories(story: Story): void {
  describe('twelve workers that ask at once', () => {
    it(
      'are one digest, whose one click decides all, and a bot killed in mid-spread loses none',
      story({ ...setting, programs: 'bundled' }, async (environment) => {
        const before = new Map(names.map((name) => [name, environment.bootId(name)]));
        await environment.world.patchWorkers();
        const asking = await digest(environment, /12 nodes of pool workers ask.*linux-image.*Approve all/su);
        expect(digestsOf(environment)).toHaveLength(1);
        expect(cardsOf(environment).length).toBeLessThanOrEqual(mostCards);
        await environment.eventually('no card has a button', () =>
          cardsOf(environment).every((card) => !described(card).includes('"type":"button"')),
        );
        await environment.press('mia', asking, 'Approve all');
        await environment.whisper('mia', /You approved 12 nodes of pool workers, for now/);
        await environment.bots[0]?.kill();
        await environment.anotherBot();
        await environment.until('the first cordon', ({ nodes }) => nodes.some(({ cordoned }) => cordoned));
        await environment.eventually(
          'all are decided',
          async () => (await decided(environment)) === names.length,
        );
        await digest(environment, /12 nodes of pool workers rebooted.*12 nodes rebooted, none failed/su);
        for (const name of names) {
          await environment.isFree(name);
          expect(environment.bootId(name)).not.toBe(before.get(name));
          expect(await ordersGiven(environment, name)).toBe(1);
        }
        expect(digestsOf(environment)).toHaveLength(1);
      }),
    );

    it(
      'what was decided for many is taken back by a button of the digest, and asked about again by another',
      story(setting, async (environment) => {
        await answered(environment, 'pause workers', /paused/i);
        await environment.world.patchWorkers();
        await environment.press(
          'mia',
          await digest(environment, /12 nodes .* ask.*Approve all/su),
          'Approve all',
        );
        const waiting = await digest(environment, /12 approved.*Cancel 12/su);
        await environment.press('mia', waiting, 'Cancel 12');
        await environment.whisper('mia', /You cancelled the reboots of 12 nodes/);
        const cancelled = await digest(environment, /Ask again about 12.*Cancelled, by <@U0MIA>/su);
        await environment.press('mia', cancelled, 'Ask again about 12');
        await digest(environment, /12 nodes .* ask.*Approve all/su);
      }),
    );

    it(
      'can be approved by typing a selector: its button decides on that list, and a killed bot loses none',
      story({ ...setting, config: { concurrency: 1 }, programs: 'bundled' }, async (environment) => {
        await environment.world.patchWorkers();
        await digest(environment, /12 nodes of pool workers ask.*linux-image.*Approve all/su);
        const { mia } = environment.slack.users;
        const selector = 'kubernetes.io/hostname!=worker-12';
        await answered(environment, `approve ${selector} window`, /has no maintenance window/);
        await answered(environment, `approve ${selector}`, /Approve 11 nodes for now/);
        const list = environment.slack
          .ephemerals(mia)
          .findLast(({ text }) => text.includes('Approve 11 nodes'));
        expect(await decided(environment)).toBe(0);
        await environment.slack.as(mia).click({ ts: list?.ts ?? '', action: 'Approve 11 nodes for now' });
        await environment.whisper('mia', /You approved 11 nodes of pool workers, for now/);
        // In the place of the list, whose button has no use any more.
        const answer = environment.slack.ephemerals(mia).find(({ ts }) => ts === list?.ts);
        expect(answer?.text).toMatch(/^You approved 11 nodes/);
        expect(JSON.stringify(answer?.blocks)).not.toContain('"type":"button"');
        await environment.bots[0]?.kill();
        await environment.anotherBot();
        await environment.eventually(
          'all of the list are decided',
          async () => (await decided(environment)) === 11,
        );
      }),
    );
  });
}
