/** The buttons of a pool digest: only while a node asks, and bound to the revision that is shown. */
import type { Button } from '@slack/types';
import type { RebootDecision } from '../../../reboot/approval/decision-request.ts';
import { demandsInput } from '../../../reboot/approval/demands.ts';
import type { PoolDigestData } from '../../../reboot/pool-digest/message/digest-facts.ts';
import { inWords } from '../../../reboot/time/time.ts';
import { button, type ButtonOptions, type Confirmation } from '../../blocks/blocks.ts';
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
    ...(asks ? approveButtons(data) : []),
    ...(decidable ? [button({ label: 'Choose…', id: 'tugboot.digest.choose', value })] : []),
    ...(asks ? [button({ label: 'Snooze', id: 'tugboot.digest.snooze', ...deciding(data, 'snooze') })] : []),
    ...(asks ? [button({ label: 'Deny', id: 'tugboot.digest.deny', value, style: 'danger' })] : []),
    button({ label: 'Details', id: 'tugboot.digest.details', value }),
  ];
}

/**
 * Decisions on nodes that were decided on before, each if the state of any node allows it. A closed digest
 * offers them too: the nodes denied or cancelled in it have no card with buttons.
 */
export function digestFurtherButtons(data: PoolDigestData): Button[] {
  if (data.unserved) return [];
  return furtherKinds.flatMap((kind) => (data.offers[kind] > 0 ? [further(data, kind)] : []));
}

const furtherKinds = ['retry', 'skip', 'force', 'ask-again', 'cancel'] as const;
type FurtherKind = (typeof furtherKinds)[number];

interface Further {
  readonly label: (nodes: number) => string;
  readonly style?: 'primary' | 'danger';
  /** What it does; confirmed before it is done. */
  readonly does?: (nodes: string) => string;
}

const furthers: Readonly<Record<FurtherKind, Further>> = {
  retry: {
    label: (nodes) => `Retry ${nodes}`,
    does: (nodes) => `${nodes} that failed or were put back: each is tried again, as turns are free.`,
  },
  skip: {
    label: (nodes) => `Skip ${nodes}`,
    does: (nodes) => `The reboots of ${nodes} that failed end here, and the pool goes on.`,
  },
  // Its modal says what it does, and asks why.
  force: { label: (nodes) => `Force ${nodes}`, style: 'danger' },
  'ask-again': { label: (nodes) => `Ask again about ${nodes}` },
  cancel: {
    label: (nodes) => `Cancel ${nodes}`,
    does: (nodes) => `The reboots of ${nodes} that are approved or drain: a drain stops, and is put back.`,
  },
};

function further(data: PoolDigestData, kind: FurtherKind): Button {
  const { label, style, does } = furthers[kind];
  const nodes = data.offers[kind];
  const confirm = does && {
    title: `${label(nodes)}?`,
    text: `${does(counted(nodes, 'node'))} Pool ${data.pool} in ${data.cluster}.`,
    confirm: label(nodes),
    deny: 'Not yet',
  };
  return button({
    label: label(nodes),
    id: `tugboot.digest.${kind}`,
    ...deciding(data, kind, confirm),
    ...(style === undefined ? {} : { style }),
  });
}

/** As on a card: where the pool demands an input, the modal that asks for it confirms the decision. */
function deciding(
  data: PoolDigestData,
  kind: RebootDecision['kind'],
  confirm?: Confirmation,
): Pick<ButtonOptions, 'value' | 'confirm'> {
  const value = digestValueOf(data);
  if (data.demands !== undefined && demandsInput(data.demands, kind))
    return { value: { ...value, asks: true } };
  return { value, ...(confirm === undefined ? {} : { confirm }) };
}

function approveButtons(data: PoolDigestData): Button[] {
  const { approveNowAllowed, window } = data;
  const now = approveNowAllowed ? [approveNow(data)] : [];
  // In an open window, approving for the window equals approving for now.
  return window === undefined || (window.open && approveNowAllowed)
    ? now
    : [...now, approveForWindow(data, window)];
}

const approveNow = (data: PoolDigestData): Button =>
  button({
    label: 'Approve all',
    id: 'tugboot.digest.approve-now',
    style: 'primary',
    ...deciding(data, 'approve', confirmAll(data, 'now, as soon as turns are free')),
  });

const confirmAll = (data: PoolDigestData, when: string): Confirmation => ({
  title: 'Reboot all of them?',
  text: [...extent(data, when), ...digestWarnings(data)].join(' '),
  confirm: 'Approve all',
  deny: 'Not yet',
});

const approveForWindow = (
  data: PoolDigestData,
  { open, short }: NonNullable<PoolDigestData['window']>,
): Button => {
  const when = open ? 'for this window' : `for ${short}`;
  return button({
    label: `Approve all ${when}`,
    id: 'tugboot.digest.approve-window',
    ...(data.approveNowAllowed ? {} : { style: 'primary' }),
    ...deciding(data, 'approve', confirmAll(data, when)),
  });
};

/** How many, how many at a time, and for what. */
function extent({ counts, cluster, pool, concurrency, wouldTake }: PoolDigestData, when: string): string[] {
  const took = wouldTake === undefined ? '' : `, about ${inWords(wouldTake)} in all`;
  return [
    `${counted(counts.asking, 'node')} of pool ${pool} in ${cluster} ${counts.asking === 1 ? 'is' : 'are'} drained and rebooted ${when}, ${concurrency} at a time${took}.`,
  ];
}
