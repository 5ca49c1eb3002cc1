/** Modals for decisions on all nodes of a pool digest that need an input. */
import type { ModalView } from '@slack/types';
import type { Demands } from '../../../reboot/approval/demands.ts';
import { inputIds, type PlainDecision } from '../../payload/action-ids.ts';
import { modal, section } from '../../blocks/blocks.ts';
import { reasonInput } from '../../blocks/inputs.ts';
import { encodeDigestOrigin, type DigestOrigin } from '../../payload/digest-values.ts';
import { say } from '../../blocks/escape.ts';
import { decisionWords, demandInputs, kindOfPlain } from '../answers/decide-modal.ts';
import { snoozeInputs } from '../answers/decision-modals.ts';

export const digestDenyModal = (about: DigestOrigin): ModalView =>
  modal({
    id: 'tugboot.view.digest-deny',
    title: 'Deny the reboots',
    submit: 'Deny all',
    close: 'Back',
    metadata: encodeDigestOrigin(about),
    blocks: [
      section(
        say`No node of pool *${about.value.pool}* in ${about.value.cluster} that asks here is rebooted. A node asks again when riskier packages come, or after the time that its pool sets.`,
      ),
      reasonInput({
        id: inputIds.reason,
        label: 'Why not?',
        placeholder: 'For people who ask next week',
        optional: false,
      }),
    ],
  });

export const digestSnoozeModal = (about: DigestOrigin): ModalView =>
  modal({
    id: 'tugboot.view.digest-snooze',
    title: 'Snooze the reboots',
    submit: 'Snooze all',
    close: 'Back',
    metadata: encodeDigestOrigin(about),
    blocks: [
      section(
        say`The nodes of pool *${about.value.pool}* in ${about.value.cluster} that ask here ask again later. Until then nobody and no rule starts them.`,
      ),
      ...snoozeInputs(about.value),
      reasonInput({
        id: inputIds.reason,
        label: 'Why?',
        placeholder: 'For those who read along',
        // The pool demands a reason.
        optional: about.value.asks !== true,
      }),
    ],
  });

export const digestForceModal = (about: DigestOrigin): ModalView =>
  modal({
    id: 'tugboot.view.digest-force',
    title: 'Force the drains',
    submit: 'Force',
    close: 'Back',
    metadata: encodeDigestOrigin(about),
    blocks: [
      section(
        say`Of every node of pool *${about.value.pool}* in ${about.value.cluster} whose drain is held up, the pods that are left are deleted, whatever their budgets say. This can take a service down.`,
      ),
      reasonInput({
        id: inputIds.reason,
        label: 'Why is that right?',
        placeholder: 'Kept in the history of these reboots',
        optional: false,
      }),
    ],
  });

/** Which nodes a decision concerns: the others are in a state that does not allow it. */
const concerned: Readonly<Record<PlainDecision, string>> = {
  'approve-now': 'that ask here',
  'approve-window': 'that ask here',
  'ask-again': 'that were snoozed, denied, cancelled or given up',
  cancel: 'that are approved or drain',
  retry: 'that failed or were put back',
  skip: 'that failed',
};

export function digestDecideModal(about: DigestOrigin, decision: PlainDecision, demands: Demands): ModalView {
  const { cluster, pool } = about.value;
  const which = say`The nodes of pool *${pool}* in ${cluster} ${concerned[decision]} are ${manyDo[decision]}`;
  return modal({
    id: 'tugboot.view.digest-decide',
    ...decisionWords[decision],
    close: 'Back',
    metadata: encodeDigestOrigin({ ...about, value: { ...about.value, decision } }),
    blocks: [section(which), ...demandInputs(demands, kindOfPlain(decision))],
  });
}

const manyDo: Readonly<Record<PlainDecision, string>> = {
  'approve-now': 'drained and rebooted now, as many at a time as the pool allows.',
  'approve-window': 'drained and rebooted in the maintenance window.',
  'ask-again': 'asked about again, now.',
  cancel: 'left as they are. Drains that have begun are put back.',
  retry: 'tried again, as soon as turns are free.',
  skip: 'not rebooted: their reboots end here, and the pool goes on.',
};
