/** Slash commands, and their private responses. */
import type { StoryEnvironment } from './story-environment.ts';

/** The response to a command is visible only to its sender. */
export async function type(environment: StoryEnvironment, text: string, answer: RegExp): Promise<string> {
  await environment.slack.as(environment.slack.users.mia).command(`/reboot ${text}`);
  return environment.whisper('mia', answer);
}

/**
 * Repeats a command until its response matches: the watch of the replica that responds may lag behind the
 * card.
 */
export async function answered(environment: StoryEnvironment, text: string, wished: RegExp): Promise<void> {
  const mia = environment.slack.as(environment.slack.users.mia);
  let last = '';
  const isSaid = async (): Promise<boolean> => {
    const answer = await mia.command(`/reboot ${text}`);
    last = JSON.stringify([answer.text, answer.blocks]);
    return wished.test(last);
  };
  await environment.eventually(`/reboot ${text} says ${String(wished)}`, isSaid).catch((error: unknown) => {
    throw new Error(`/reboot ${text} said ${last}`, { cause: error });
  });
}

/** `/reboot why NODE` names the blocker. */
export const why = (environment: StoryEnvironment, node: string, wished: RegExp): Promise<void> =>
  answered(environment, `why ${node}`, wished);
