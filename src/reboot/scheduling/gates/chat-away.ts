import type { Blocker } from '../blockers.ts';
import { inWords } from '../../ports/time.ts';
import type { Situation } from '../snapshot.ts';

/** What nobody could watch is not begun, where the pool says so. What is under way goes on. */
export function chatAway({ pool, snapshot, now }: Situation): Blocker | undefined {
  if (pool.startWithoutSlack || snapshot.chatAwaySince === undefined) return undefined;
  return {
    code: 'chat-away',
    sentence: `Slack has not been reachable for ${inWords(now - snapshot.chatAwaySince)}, and pool ${pool.name} starts nothing that nobody can watch.`,
    clears: 'It starts when Slack is back. startWithoutSlack: true starts it all the same.',
  };
}
