/** The title of a pool digest: what matters most of many nodes. */
import type { DigestCounts, PoolDigestData } from '../../../reboot/pool-digest/message/digest-facts.ts';
import { counted, icons, type Icon } from '../phrases.ts';

/** Plain text: the header of a message is not parsed. */
export function digestTitle(data: PoolDigestData): string {
  const { icon, words } =
    data.closedAt === undefined ? now(data.counts, data.pool) : ended(data.counts, data.pool);
  return `${icons[icon]} ${words}`;
}

interface Title {
  readonly icon: Icon;
  readonly words: string;
}

function now(counts: DigestCounts, pool: string): Title {
  const { asking, snoozed, denied, waiting, running, failed, done, total } = counts;
  const of = (count: number): string => `${counted(count, 'node')} of pool ${pool}`;
  if (failed > 0) return { icon: 'failed', words: `${of(failed)} failed, ${done} of ${total} done` };
  if (running > 0)
    return { icon: 'running', words: `Nodes of pool ${pool} reboot, ${done} of ${total} done` };
  if (asking > 0)
    return { icon: 'waiting', words: `${of(asking)} ${asking === 1 ? 'asks' : 'ask'} for a reboot` };
  if (waiting > 0)
    return {
      icon: 'waiting',
      words: `${of(waiting)} ${waiting === 1 ? 'is' : 'are'} approved and ${waiting === 1 ? 'waits' : 'wait'}`,
    };
  if (snoozed > 0) return { icon: 'paused', words: `${of(snoozed)}: reboot snoozed` };
  return { icon: 'paused', words: `${of(denied)}: reboot denied` };
}

function ended({ done, denied, total, failed }: DigestCounts, pool: string): Title {
  const of = (count: number): string => `${counted(count, 'node')} of pool ${pool}`;
  if (failed > 0) return { icon: 'failed', words: `${of(failed)} failed, ${done} of ${total} rebooted` };
  if (done === total) return { icon: 'done', words: `${of(done)} rebooted` };
  if (done > 0) return { icon: 'done', words: `${done} of ${of(total)} rebooted` };
  if (denied > 0) return { icon: 'paused', words: `${of(denied)}: reboot denied` };
  return { icon: 'paused', words: `${of(total)}: nothing is left to decide here` };
}
