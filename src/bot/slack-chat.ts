/** The port Chat on Slack: one living card per Reboot, and its thread. */
import type { CardData, Chat, Clock, Logger } from '../reboot/ports.ts';
import type { Instant } from '../reboot/time.ts';
import { createCardWriter, type Writer } from './card-writer.ts';
import type { Gateway } from './gateway.ts';
import type { Sleep } from './lane.ts';
import { postNotice } from './notice-post.ts';
import { createProgressWriter } from './progress-writer.ts';
import { createRepliesWriter } from './replies-writer.ts';
import { createShown, type Save, type Shown } from './shown.ts';

export interface SlackChatOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

interface Story {
  readonly shown: Shown;
  readonly card: Writer;
  /** In the order in which they are written. */
  readonly thread: readonly Writer[];
  /** What should be shown, and how to store it. */
  latest: { readonly data: CardData; readonly save: Save };
  writing: Promise<Instant | undefined>;
  refreshAt: Instant;
}

/** Reboots whose last state is remembered between two calls. Forgetting one costs at most an edit too many. */
const mostStories = 2000;

export function createSlackChat(options: SlackChatOptions): Chat {
  const { clock, sleep, logger, signal } = options;
  const stories = new Map<string, Story>();

  const storyOf = (data: CardData, save: Save): Story => {
    const key = `${data.cluster} ${data.reboot.name}`;
    const known = stories.get(key);
    stories.delete(key);
    const story = known ?? createStory(options, data, save);
    stories.set(key, story);
    const oldest = stories.size > mostStories ? stories.keys().next().value : undefined;
    if (oldest !== undefined) stories.delete(oldest);
    return story;
  };

  const bringUp = async (story: Story): Promise<void> => {
    const { data, save } = story.latest;
    const cardDue = await story.card.write(data, save);
    const threadDue = await writeThread(story);
    const due = earliest(cardDue, threadDue);
    if (due !== undefined) refresh(story, due);
  };

  /** What was put off is shown when its time has come, even if nobody calls again. */
  const refresh = (story: Story, due: Instant): void => {
    if (signal.aborted || due >= story.refreshAt) return;
    story.refreshAt = due;
    const again = async (): Promise<void> => {
      if (story.refreshAt !== due) return;
      story.refreshAt = Infinity;
      const reboot = story.latest.data.reboot.name;
      await bringUp(story).catch((error: unknown) =>
        logger.warn('later edit failed', { reboot, err: error }),
      );
    };
    // The sleep is cut short only when the bot stops: the next one renders from what is stored.
    sleep(due - clock.now(), signal).then(again, () => undefined);
  };

  return {
    show: async (data, save) => {
      const story = storyOf(data, save);
      story.shown.learn(data.reboot.chat);
      story.latest = { data, save };
      await bringUp(story);
    },
    notify: (notice) => postNotice(options, notice),
  };
}

function createStory(options: SlackChatOptions, data: CardData, save: Save): Story {
  const shown = createShown(data.reboot.chat);
  const logger = options.logger.child({ reboot: data.reboot.name, node: data.reboot.node.name });
  const writer = { gateway: options.gateway, clock: options.clock, logger, shown };
  return {
    shown,
    card: createCardWriter(writer),
    thread: [createRepliesWriter(writer), createProgressWriter(writer)],
    latest: { data, save },
    writing: Promise.resolve(undefined),
    refreshAt: Infinity,
  };
}

/** One at a time: each takes up the latest state when its turn comes, so that nothing is posted twice or out of order. */
async function writeThread(story: Story): Promise<Instant | undefined> {
  const write = async (): Promise<Instant | undefined> => {
    const due: (Instant | undefined)[] = [];
    for (const writer of story.thread) due.push(await writer.write(story.latest.data, story.latest.save));
    return earliest(...due);
  };
  // Whoever came before is told of their own failure.
  story.writing = story.writing.then(write, write);
  return story.writing;
}

function earliest(...instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
