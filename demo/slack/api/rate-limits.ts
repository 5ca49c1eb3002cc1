import type { SlackClock } from '../clock.ts';

/** Slack's tiers are calls per minute and method; the bursts that it tolerates are not documented. */
export type Tier = 1 | 2 | 3 | 4 | 'posting' | 'special';

interface Rate {
  readonly perMinute: number;
  readonly burst: number;
}

const rates: Readonly<Record<Exclude<Tier, 'posting'>, Rate>> = {
  // A client that is refused reconnects every few seconds, which real workspaces tolerate for a while.
  1: { perMinute: 6, burst: 30 },
  2: { perMinute: 20, burst: 20 },
  3: { perMinute: 50, burst: 50 },
  4: { perMinute: 100, burst: 100 },
  special: { perMinute: 600, burst: 100 },
};

/** "No more than one message per second per channel", with "short bursts" allowed. */
const perChannel: Rate = { perMinute: 60, burst: 3 };
const perWorkspace: Rate = { perMinute: 300, burst: 100 };

export interface RateLimits {
  /** Seconds to wait; undefined if the call is allowed. */
  refuse(method: string, tier: Tier, channel: string): number | undefined;
  enable(on: boolean): void;
}

interface Bucket {
  tokens: number;
  at: number;
}

export function createRateLimits(clock: SlackClock, enabled: boolean): RateLimits {
  const buckets = new Map<string, Bucket>();
  let on = enabled;

  const waitFor = (key: string, rate: Rate): number => {
    const now = clock.now();
    const bucket = buckets.get(key) ?? { tokens: rate.burst, at: now };
    const earned = (Math.max(0, now - bucket.at) / 60_000) * rate.perMinute;
    const tokens = Math.min(rate.burst, bucket.tokens + earned);
    const spent = tokens >= 1;
    buckets.set(key, { tokens: spent ? tokens - 1 : tokens, at: now });
    return spent ? 0 : ((1 - tokens) / rate.perMinute) * 60;
  };

  return {
    refuse(method, tier, channel) {
      if (!on) return undefined;
      const waits =
        tier === 'posting'
          ? [waitFor(`channel ${channel}`, perChannel), waitFor('workspace', perWorkspace)]
          : [waitFor(method, rates[tier])];
      const longest = Math.max(...waits);
      // Retry-After is whole seconds.
      return longest > 0 ? Math.max(1, Math.ceil(longest)) : undefined;
    },
    enable: (value) => void (on = value),
  };
}
