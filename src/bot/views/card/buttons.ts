/** The buttons of a card by phase: only valid decisions. */
import type { Button } from '@slack/types';
import { demandsInput } from '../../../reboot/approval/demands.ts';
import type { RebootDecision } from '../../../reboot/approval/decision-request.ts';
import { clearedByApproval } from '../../../reboot/scheduling/blockers/blocker-facts.ts';
import type { CardData } from '../../../reboot/card/card-facts.ts';
import { canForce, isForcible, mayRetry } from '../../../reboot/card/offers.ts';
import type { FailureCode } from '../../../reboot/state/reboot.ts';
import { canAskAgain } from '../../../reboot/machine/decisions/decide.ts';
import { overdueSentence } from '../../../reboot/words/words.ts';
import { button, type ButtonOptions, type Confirmation } from '../../blocks/blocks.ts';
import { byPhase, type ByPhase } from './by-phase.ts';
import { warnings } from './impact-lines.ts';
import type { ButtonValue } from '../../payload/action-ids.ts';

export const valueOf = (data: CardData): ButtonValue => ({
  cluster: data.cluster,
  reboot: data.reboot.name,
  node: data.reboot.node.name,
  seen: data.reboot.need.digest,
  ...(data.window && !data.window.open ? { opens: data.window.opens } : {}),
});

/**
 * A decision for which the pool demands an input is taken in a modal, which confirms it: the button has no
 * dialog of its own then.
 */
function deciding(
  data: CardData,
  kind: RebootDecision['kind'],
  confirm?: Confirmation,
): Pick<ButtonOptions, 'value' | 'confirm'> {
  const value = valueOf(data);
  if (data.demands !== undefined && demandsInput(data.demands, kind))
    return { value: { ...value, pool: data.demands.name } };
  return { value, ...(confirm === undefined ? {} : { confirm }) };
}

/**
 * None while it is decided in a pool digest, so that there is one place to decide, and none where nobody
 * would answer.
 */
export const buttonsFor = (data: CardData): Button[] =>
  data.poolDigest === undefined && !data.unserved ? offered(data) : [];

const offered = (data: CardData): Button[] => [
  ...(overdueSentence(data.reboot) === undefined ? [] : [skip(data)]),
  ...byPhase(buttons, data.reboot.state, data),
];

const onlyDetails = (_: unknown, data: CardData): Button[] => [details(data)];

const buttons: ByPhase<[data: CardData], Button[]> = {
  Pending: (_, data) => [...approveButtons(data), snooze(data), deny(data), details(data)],
  Snoozed: (_, data) => [...approveButtons(data), askAgain(data, 'Ask again now'), deny(data), details(data)],
  Denied: (_, data) => [...askAgainButton(data), details(data)],
  Approved: (state, data) => [
    ...(state.retry === undefined ? approveAnyway(data) : retryButtons(data)),
    cancel(data),
    details(data),
  ],
  Draining: (_, data) => [cancel(data), ...(canForce(data.reboot.state) ? [force(data)] : []), details(data)],
  Undoing: (_, data) => [cancel(data), details(data)],
  Rebooting: onlyDetails,
  Settling: onlyDetails,
  Succeeded: onlyDetails,
  Failed: (state, data) => [...afterFailure(data, state.code), details(data)],
  GivenUp: (_, data) => [...askAgainButton(data), details(data)],
  Cancelled: (_, data) => [...askAgainButton(data), details(data)],
  Superseded: (_, data) => [...askAgainButton(data), details(data)],
};

const approveButtons = (data: CardData): Button[] => {
  const { window } = data;
  return [
    ...(data.approveNowAllowed ? [approveNow(data)] : []),
    ...(window ? [approveForWindow(data, window)] : []),
  ];
};

const approveAnyway = (data: CardData): Button[] =>
  data.approveNowAllowed && data.blockers.some(({ code }) => clearedByApproval.has(code))
    ? [approveNow(data)]
    : [];

const approveNow = (data: CardData): Button => {
  const { cluster, reboot } = data;
  return button({
    label: 'Approve now',
    id: 'tugboot.approve-now',
    style: 'primary',
    ...deciding(data, 'approve', {
      title: 'Reboot this node now?',
      text: [
        `${reboot.node.name} in cluster ${cluster} is drained and rebooted as soon as its turn comes.`,
        ...warnings(reboot.impact),
      ].join(' '),
      confirm: 'Approve now',
      deny: 'Not yet',
    }),
  });
};

const approveForWindow = (data: CardData, { open, short }: NonNullable<CardData['window']>): Button =>
  button({
    label: open ? 'Approve for this window' : `Approve for ${short}`,
    id: 'tugboot.approve-window',
    ...deciding(data, 'approve'),
    ...(data.approveNowAllowed ? {} : { style: 'primary' }),
  });

const snooze = (data: CardData): Button =>
  button({ label: 'Snooze', id: 'tugboot.snooze', ...deciding(data, 'snooze') });
const deny = (data: CardData): Button =>
  button({ label: 'Deny', id: 'tugboot.deny', value: valueOf(data), style: 'danger' });
const details = (data: CardData): Button =>
  button({ label: 'Details', id: 'tugboot.details', value: valueOf(data) });
const askAgain = (data: CardData, label: string): Button =>
  button({ label, id: 'tugboot.ask-again', ...deciding(data, 'ask-again') });
/** Offered exactly where the decision would be accepted. */
const askAgainButton = (data: CardData): Button[] =>
  canAskAgain(data.reboot) ? [askAgain(data, 'Ask again')] : [];
const force = (data: CardData): Button =>
  button({ label: 'Force', id: 'tugboot.force', value: valueOf(data), style: 'danger' });

const cancel = (data: CardData): Button =>
  button({
    label: 'Cancel',
    id: 'tugboot.cancel',
    ...deciding(data, 'cancel', {
      title: 'Cancel this reboot?',
      text:
        data.reboot.state.phase === 'Draining' || data.reboot.state.phase === 'Undoing'
          ? `The drain of ${data.reboot.node.name} stops, and the node is uncordoned if Tugboot cordoned it.`
          : `${data.reboot.node.name} stays as it is.`,
      confirm: 'Cancel the reboot',
      deny: 'Go on',
    }),
  });

const retryButtons = (data: CardData): Button[] => [
  ...(mayRetry(data.reboot.state, data.blockers) ? [retry(data), force(data)] : []),
  ...approveAnyway(data),
];

const retry = (data: CardData): Button =>
  button({ label: 'Retry', id: 'tugboot.retry', style: 'primary', ...deciding(data, 'retry') });

const skip = (data: CardData): Button =>
  button({
    label: 'Skip',
    id: 'tugboot.skip',
    ...deciding(data, 'skip', {
      title: 'Give this reboot up?',
      text: `The reboot of ${data.reboot.node.name} ends here, and the pool goes on with the next node.`,
      confirm: 'Skip',
      deny: 'Keep it',
    }),
  });

const afterFailure = (data: CardData, code: FailureCode): Button[] => [
  retry(data),
  skip(data),
  ...(isForcible(code) ? [force(data)] : []),
];
