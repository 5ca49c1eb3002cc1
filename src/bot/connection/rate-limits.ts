/** Rate limits by method. Source: the tiers in Slack's method reference. */
import { second } from '../../reboot/time/time.ts';
import type { Rate } from './rate-limiter.ts';

/** Slack allows one post per second and channel, counted on arrival; the margin is for network jitter. */
export const postRate: Rate = { burst: 1, every: second + 50 };
/** At most burst + 60 s / every within any minute, which is the tier's number. */
const tiers = {
  2: { burst: 5, every: 4 * second },
  3: { burst: 10, every: 1500 },
  4: { burst: 20, every: 750 },
} as const satisfies Record<number, Rate>;

const rates: Readonly<Record<string, Rate>> = {
  'chat.update': tiers[3],
  'chat.postEphemeral': tiers[4],
  'users.info': tiers[4],
  'usergroups.users.list': tiers[2],
  'conversations.members': tiers[4],
  'conversations.history': tiers[3],
  'conversations.replies': tiers[3],
  'conversations.info': tiers[3],
  'views.open': tiers[4],
  'views.update': tiers[4],
  'views.publish': tiers[4],
};

/** The lowest tier, for methods not listed here. */
export const rateOf = (method: string): Rate => rates[method] ?? tiers[2];
