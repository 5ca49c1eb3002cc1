/** Modals for decisions on all nodes of a pool digest that need an input: deny, snooze. */
import type { ModalView } from '@slack/types';
import { inputIds } from '../../payload/action-ids.ts';
import { modal, section } from '../../blocks/blocks.ts';
import { reasonInput } from '../../blocks/inputs.ts';
import { encodeDigestOrigin, type DigestOrigin } from '../../payload/digest-values.ts';
import { say } from '../../blocks/escape.ts';
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
        optional: true,
      }),
    ],
  });
