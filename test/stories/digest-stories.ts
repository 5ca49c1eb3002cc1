import { describe, expect, it } from 'vitest';
import type { Message } from '../../demo/slack/workspace/records.ts';
import { answered } from './commands.ts';
import { described, ordersGiven, type Story, type StoryHouse, workers } from './story-house.ts';

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
const digestsOf = (house: StoryHouse): readonly Message[] => house.slack.messages().filter(isDigest);
const cardsOf = (house: StoryHouse): readonly Message[] =>
  house.slack
    .messages()
    .filter(({ byApp, threadTs, text }) => byApp && threadTs === undefined && /^. worker-\d+/u.test(text));

async function digest(house: StoryHouse, wished: RegExp): Promise<Message> {
  const find = (): Message | undefined => digestsOf(house).find((message) => wished.test(described(message)));
  await house.eventually(`a digest like ${String(wished)}`, () => find() !== undefined);
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
async function decided(house: StoryHouse): Promise<number> {
  const { items } = (await house.kube('GET', '/apis/tugboot.dev/v1alpha1/reboots')) as unknown as Listed;
  return items.filter(({ status }) => JSON.stringify(status ?? {}).includes('U0MIA')).length;
}

/** Many nodes that ask at once. */
export function digestStories(story: Story): void {
  describe('twelve workers that ask at once', () => {
    it(
      'are one digest, whose one click decides all, and a bot killed in mid-spread loses none',
      story({ ...setting, programs: 'bundled' }, async (house) => {
        const before = new Map(names.map((name) => [name, house.bootId(name)]));
        await house.world.patchWorkers();
        const asking = await digest(house, /12 nodes of pool workers ask.*linux-image.*Approve all/su);
        expect(digestsOf(house)).toHaveLength(1);
        expect(cardsOf(house).length).toBeLessThanOrEqual(mostCards);
        await house.eventually('no card has a button', () =>
          cardsOf(house).every((card) => !described(card).includes('"type":"button"')),
        );
        await house.press('mia', asking, 'Approve all');
        await house.whisper('mia', /You approved 12 nodes of pool workers, for now/);
        await house.bots[0]?.kill();
        await house.anotherBot();
        await house.until('the first cordon', ({ nodes }) => nodes.some(({ cordoned }) => cordoned));
        await house.eventually('all are decided', async () => (await decided(house)) === names.length);
        await digest(house, /12 nodes of pool workers rebooted.*12 nodes rebooted, none failed/su);
        for (const name of names) {
          await house.isFree(name);
          expect(house.bootId(name)).not.toBe(before.get(name));
          expect(await ordersGiven(house, name)).toBe(1);
        }
        expect(digestsOf(house)).toHaveLength(1);
      }),
    );

    it(
      'can be approved by typing a selector: its button decides on that list, and a killed bot loses none',
      story({ ...setting, config: { concurrency: 1 }, programs: 'bundled' }, async (house) => {
        await house.world.patchWorkers();
        await digest(house, /12 nodes of pool workers ask.*linux-image.*Approve all/su);
        const { mia } = house.slack.users;
        const selector = 'kubernetes.io/hostname!=worker-12';
        await answered(house, `approve ${selector} window`, /has no maintenance window/);
        await answered(house, `approve ${selector}`, /Approve 11 nodes for now/);
        const list = house.slack.ephemerals(mia).findLast(({ text }) => text.includes('Approve 11 nodes'));
        expect(await decided(house)).toBe(0);
        await house.slack.as(mia).click({ ts: list?.ts ?? '', action: 'Approve 11 nodes for now' });
        await house.whisper('mia', /You approved 11 nodes of pool workers, for now/);
        await house.bots[0]?.kill();
        await house.anotherBot();
        await house.eventually('all of the list are decided', async () => (await decided(house)) === 11);
      }),
    );
  });
}
