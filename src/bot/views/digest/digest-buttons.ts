/** The buttons of a pool digest: only while a node asks, and bound to the revision that is shown. */
import type { Button } from '@slack/types';
import type { PoolDigestData } from '../../../reboot/pool-digest/message/digest-facts.ts';
import { inWords } from '../../../reboot/time/time.ts';
import { button } from '../../blocks/blocks.ts';
import type { DigestValue } from '../../payload/digest-values.ts';
import { counted } from '../phrases.ts';
import { digestWarnings } from './digest-asks.ts';

export const digestValueOf = ({ cluster, pool, id, revision, window }: PoolDigestData): DigestValue => ({
  cluster,
  pool,
  id,
  revision,
  ...(window && !window.open ? { opens: window.opens } : {}),
});

export function digestButtons(data: PoolDigestData): Button[] {
  if (data.closedAt !== undefined || data.unserved) return [];
  const value = digestValueOf(data);
  const asks = data.counts.asking > 0;
  const decidable = data.counts.asking + data.counts.snoozed > 0;
  return [
    ...(asks ? approveButtons(data, value) : []),
    ...(decidable ? [button({ label: 'Choose…', id: 'tugboot.digest.choose', value })] : []),
    ...(asks ? [button({ label: 'Snooze', id: 'tugboot.digest.snooze', value })] : []),
    ...(asks ? [button({ label: 'Deny', id: 'tugboot.digest.deny', value, style: 'danger' })] : []),
    button({ label: 'Details', id: 'tugboot.digest.details', value }),
  ];
}

function approveButtons(data: PoolDigestData, value: DigestValue): Button[] {
  const { approveNowAllowed, window } = data;
  const now = approveNowAllowed ? [approveNow(data, value)] : [];
  // In an open window, to approve for it is to approve for now.
  return window === undefined || (window.open && approveNowAllowed)
    ? now
    : [...now, approveForWindow(data, value, window)];
}

const approveNow = (data: PoolDigestData, value: DigestValue): Button =>
  button({
    label: 'Approve all',
    id: 'tugboot.digest.approve-now',
    value,
    style: 'primary',
    confirm: {
      title: 'Reboot all of them?',
      text: [...extent(data, 'now, as soon as turns are free'), ...digestWarnings(data)].join(' '),
      confirm: 'Approve all',
      deny: 'Not yet',
    },
  });

const approveForWindow = (
  data: PoolDigestData,
  value: DigestValue,
  { open, short }: NonNullable<PoolDigestData['window']>,
): Button => {
  const when = open ? 'for this window' : `for ${short}`;
  return button({
    label: `Approve all ${when}`,
    id: 'tugboot.digest.approve-window',
    value,
    ...(data.approveNowAllowed ? {} : { style: 'primary' }),
    confirm: {
      title: 'Reboot all of them?',
      text: [...extent(data, when), ...digestWarnings(data)].join(' '),
      confirm: 'Approve all',
      deny: 'Not yet',
    },
  });
};

/** How many, how many at a time, and for what. */
function extent({ counts, cluster, pool, concurrency, wouldTake }: PoolDigestData, when: string): string[] {
  const took = wouldTake === undefined ? '' : `, about ${inWords(wouldTake)} in all`;
  return [
    `${counted(counts.asking, 'node')} of pool ${pool} in ${cluster} ${counts.asking === 1 ? 'is' : 'are'} drained and rebooted ${when}, ${concurrency} at a time${took}.`,
  ];
}
