import type { Blocker } from '../blockers/blockers.ts';
import { inWords } from '../../time/time.ts';
import type { Situation } from '../snapshot/snapshot.ts';

/**
 * Nothing starts while Slack is unreachable, unless the pool sets startWithoutSlack. Reboots under way
 * continue.
 */
export function chatAway({ pool, snapshot, now }: Situation): Blocker<'chat-away'> | undefined {
  if (pool.startWithoutSlack || snapshot.chatAwaySince === undefined) return undefined;
  return {
    code: 'chat-away',
    sentence: `Slack has not been reachable for ${inWords(now - snapshot.chatAwaySince)}, and pool ${pool.name} starts nothing that nobody can watch.`,
    clears: 'It starts when Slack is back. startWithoutSlack: true starts it all the same.',
  };
}
