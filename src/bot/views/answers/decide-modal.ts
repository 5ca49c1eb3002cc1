/** The modal of a decision for which the pool demands a change ticket or a reason. It confirms it, too. */
import type { KnownBlock, ModalView } from '@slack/types';
import type { RebootDecision } from '../../../reboot/approval/decision-request.ts';
import { type Demands, demandsReason, demandsTicket } from '../../../reboot/approval/demands.ts';
import { longestTicket } from '../../../reboot/policy/pool-demands.ts';
import { encodeOrigin, inputIds, type ButtonValue, type PlainDecision } from '../../payload/action-ids.ts';
import type { Origin } from '../../payload/origin.ts';
import { modal, section } from '../../blocks/blocks.ts';
import { lineInput, reasonInput } from '../../blocks/inputs.ts';
import { say } from '../../blocks/escape.ts';

/** Title and button. */
export const decisionWords: Readonly<
  Record<PlainDecision, { readonly title: string; readonly submit: string }>
> = {
  'approve-now': { title: 'Approve now', submit: 'Approve now' },
  'approve-window': { title: 'Approve for the window', submit: 'Approve' },
  'ask-again': { title: 'Ask again', submit: 'Ask again' },
  cancel: { title: 'Cancel', submit: 'Cancel the reboot' },
  retry: { title: 'Try again', submit: 'Retry' },
  skip: { title: 'Give up', submit: 'Skip' },
};

/** What happens to the node. */
const does: Readonly<Record<PlainDecision, string>> = {
  'approve-now': 'is drained and rebooted as soon as its turn comes. Its card says what that would disturb.',
  'approve-window':
    'is drained and rebooted in the maintenance window. Its card says what that would disturb.',
  'ask-again': 'asks again, now.',
  cancel: 'stays as it is. A drain that has begun is put back.',
  retry: 'is tried again, as soon as its turn comes.',
  skip: 'is not rebooted: its reboot ends here, and the pool goes on with the next node.',
};

export const kindOfPlain = (decision: PlainDecision): RebootDecision['kind'] =>
  decision === 'approve-now' || decision === 'approve-window' ? 'approve' : decision;

export function decideModal(
  { value, origin }: { readonly value: ButtonValue; readonly origin: Origin },
  decision: PlainDecision,
  demands: Demands,
): ModalView {
  return modal({
    id: 'tugboot.view.decide',
    ...decisionWords[decision],
    close: 'Back',
    metadata: encodeOrigin({ ...value, decision }, origin),
    blocks: [
      section(say`*${value.node}* in ${value.cluster} ${does[decision]}`),
      ...demandInputs(demands, kindOfPlain(decision)),
    ],
  });
}

/** A reason may be given with every decision; it must where the pool demands one. */
export const demandInputs = (demands: Demands, kind: RebootDecision['kind']): KnownBlock[] => [
  ...(demandsTicket(demands, kind) ? ticketInput(demands, false) : []),
  reasonInput({
    id: inputIds.reason,
    label: 'Why?',
    placeholder: 'Kept in the history of the reboot',
    optional: !demandsReason(demands, kind),
  }),
];

export const ticketInput = ({ changeTicket }: Demands, optional: boolean): KnownBlock[] =>
  changeTicket === undefined
    ? []
    : [
        lineInput(
          { id: inputIds.changeTicket, label: 'Change ticket', placeholder: changeTicket.example, optional },
          longestTicket,
        ),
      ];
