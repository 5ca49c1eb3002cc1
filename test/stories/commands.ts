/** Slash commands, and their private responses. */
import type { StoryHouse } from './story-house.ts';

/** The response to a command is visible only to its sender. */
export async function type(house: StoryHouse, text: string, answer: RegExp): Promise<string> {
  await house.slack.as(house.slack.users.mia).command(`/reboot ${text}`);
  return house.whisper('mia', answer);
}

/**
 * Repeats a command until its response matches: the watch of the replica that responds may lag behind the
 * card.
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

/** `/reboot why NODE` names the blocker. */
export const why = (house: StoryHouse, node: string, wished: RegExp): Promise<void> =>
  answered(house, `why ${node}`, wished);
