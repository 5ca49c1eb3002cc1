/** Modals for decisions that need an input: deny, force, snooze. */
import type { KnownBlock, ModalView } from '@slack/types';
import { encodeOrigin, inputIds, type ButtonValue } from '../../payload/action-ids.ts';
import type { Origin } from '../../payload/origin.ts';
import { modal, section } from '../../blocks/blocks.ts';
import { choiceInput, reasonInput, timeInput, type Choice } from '../../blocks/inputs.ts';
import { say } from '../../blocks/escape.ts';

export const denyModal = (value: ButtonValue, origin: Origin): ModalView =>
  modal({
    id: 'tugboot.view.deny',
    title: 'Deny the reboot',
    submit: 'Deny',
    close: 'Back',
    metadata: encodeOrigin(value, origin),
    blocks: [
      section(
        say`*${value.node}* in ${value.cluster} is not rebooted. It asks again when riskier packages come, or after the time that its pool sets.`,
      ),
      reasonInput({
        id: inputIds.reason,
        label: 'Why not?',
        placeholder: 'For people who ask next week',
        optional: false,
      }),
    ],
  });

export const forceModal = (value: ButtonValue, origin: Origin): ModalView =>
  modal({
    id: 'tugboot.view.force',
    title: 'Force the drain',
    submit: 'Force',
    close: 'Back',
    metadata: encodeOrigin(value, origin),
    blocks: [
      section(
        say`The pods that are left on *${value.node}* in ${value.cluster} are deleted, whatever their budgets say. This can take a service down.`,
      ),
      reasonInput({
        id: inputIds.reason,
        label: 'Why is that right?',
        placeholder: 'Kept in the history of this reboot',
        optional: false,
      }),
    ],
  });

export const snoozeModal = (value: ButtonValue, origin: Origin): ModalView =>
  modal({
    id: 'tugboot.view.snooze',
    title: 'Snooze the reboot',
    submit: 'Snooze',
    close: 'Back',
    metadata: encodeOrigin(value, origin),
    blocks: [
      section(
        say`*${value.node}* in ${value.cluster} asks again later. Until then nobody and no rule starts it.`,
      ),
      ...snoozeInputs(value),
      reasonInput({
        id: inputIds.reason,
        label: 'Why?',
        placeholder: 'For those who read along',
        // The pool demands a reason.
        optional: value.pool === undefined,
      }),
    ],
  });

/** The inputs of a snooze, beside its reason. */
export const snoozeInputs = (about: Pick<ButtonValue, 'opens'>): KnownBlock[] => [
  choiceInput(inputIds.until, 'For how long?', snoozeChoices(about)),
  timeInput(
    inputIds.at,
    'Or until',
    'In your time zone. If you pick a time, it counts instead of the choice above.',
  ),
];

export const snoozeChoices = ({ opens }: Pick<ButtonValue, 'opens'>): Choice[] => [
  { label: '1 hour', value: '1h' },
  { label: '4 hours', value: '4h' },
  { label: 'Until tonight, 20:00', value: 'tonight' },
  { label: 'Until tomorrow morning, 9:00', value: 'morning' },
  ...(opens === undefined ? [] : [{ label: 'Until the next window opens', value: 'window' }]),
];
