/** Takes the buttons of a cluster that was removed off its messages, while its store still answers. */
import type { Bot } from '../bot/bot.ts';
import { isOpen } from '../reboot/ownership/ownership.ts';
import type { Queue } from '../reboot/ports/queue.ts';
import { createService } from '../reboot/service/service.ts';
import { type Millis, minute } from '../reboot/time/time.ts';
import { type ClusterParts, chatOf } from './build-cluster.ts';

const done = async (): Promise<void> => undefined;

/** Adds no jobs: the workers have stopped. */
const noQueue: Queue = {
  reconcileNode: done,
  reconcile: done,
  plan: done,
  start: done,
  drain: done,
  render: done,
  updateDigest: done,
  spread: done,
};

/** Slack allows some fifty edits a minute. What is missed loses its buttons at the first click. */
const longest: Millis = 2 * minute;

/**
 * Renders with a service of its own, which does not remember what it has shown: each message is written anew,
 * without buttons, from the stored state.
 */
export async function withdrawCards({ ports, config, kube, runtime }: ClusterParts, bot: Bot): Promise<void> {
  const chat = chatOf(bot, () => ({ colour: config().policy.colour, unserved: true }));
  const service = createService({ ...ports, chat, queue: noQueue });
  const cards = kube.store.all().filter((reboot) => isOpen(reboot) && reboot.chat.card !== undefined);
  const digests = kube.digests.all().filter(({ closedAt }) => closedAt === undefined);
  const over = new AbortController();
  const written = Promise.allSettled([
    ...cards.map(({ name }) => service.render(name)),
    ...digests.map(({ pool }) => service.updateDigest(pool)),
  ]).then((results) => {
    const missed = results.filter(({ status }) => status === 'rejected').length;
    runtime.logger.info('cards of a removed cluster edited', { edited: results.length - missed, missed });
  });
  const late = runtime.sleep(longest, over.signal).catch(() => undefined);
  await Promise.race([written, late]);
  over.abort();
}
