/** What people type, and what they are told in private. */
import type { StoryHouse } from './story-house.ts';

/** What a person types is answered to that person alone. */
export async function type(house: StoryHouse, text: string, answer: RegExp): Promise<string> {
  await house.slack.as(house.slack.users.mia).command(`/reboot ${text}`);
  return house.whisper('mia', answer);
}

/**
 * A command whose answer is as wished, now or a moment later: what a card shows already, the other replica's
 * watch may not have seen yet.
 */
export async function answered(house: StoryHouse, text: string, wished: RegExp): Promise<void> {
  const mia = house.slack.as(house.slack.users.mia);
  let last = '';
  const isSaid = async (): Promise<boolean> => {
    const answer = await mia.command(`/reboot ${text}`);
    last = JSON.stringify([answer.text, answer.blocks]);
    return wished.test(last);
  };
  await house.eventually(`/reboot ${text} says ${String(wished)}`, isSaid).catch((error: unknown) => {
    throw new Error(`/reboot ${text} said ${last}`, { cause: error });
  });
}

/** `/reboot why NODE` names what holds it back. */
export const why = (house: StoryHouse, node: string, wished: RegExp): Promise<void> =>
  answered(house, `why ${node}`, wished);
