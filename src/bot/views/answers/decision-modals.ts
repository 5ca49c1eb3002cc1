/** Modals for decisions that need an input: deny, force, snooze. */
import type { ModalView } from '@slack/types';
import { encodeOrigin, inputIds, type ButtonValue } from '../../action-ids.ts';
import type { Origin } from '../../origin.ts';
import { modal, section } from '../../blocks.ts';
import { choiceInput, reasonInput, type Choice } from '../../inputs.ts';
import { say } from '../../escape.ts';
import { day, hour, type Instant, type Millis } from '../../../reboot/time/time.ts';

export const denyModal = (value: ButtonValue, origin: Origin): ModalView =>
  modal({
    id: 'tugboot.view.deny',
    title: 'Deny the reboot',
    submit: 'Deny',
    close: 'Back',
    metadata: encodeOrigin(value, origin),
    blocks: [
      section(
        say`*${value.node}* in ${value.cluster} is not rebooted, and not asked about again unless riskier packages come.`,
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
      choiceInput(inputIds.until, 'For how long?', snoozeChoices(value)),
      reasonInput({
        id: inputIds.reason,
        label: 'Why?',
        placeholder: 'For those who read along',
        optional: true,
      }),
    ],
  });

export const snoozeChoices = ({ opens }: Pick<ButtonValue, 'opens'>): Choice[] => [
  { label: '1 hour', value: '1h' },
  { label: '4 hours', value: '4h' },
  { label: 'Until tomorrow morning, 9:00', value: 'morning' },
  ...(opens === undefined ? [] : [{ label: 'Until the next window opens', value: 'window' }]),
];

/** The chosen option as a point in time; undefined for an unknown option. */
export function snoozedUntil(
  choice: string,
  at: { readonly now: Instant; readonly utcOffset: Millis; readonly opens?: Instant },
): Instant | undefined {
  switch (choice) {
    case '1h':
      return at.now + hour;
    case '4h':
      return at.now + 4 * hour;
    case 'morning':
      return nextMorning(at.now, at.utcOffset);
    case 'window':
      return at.opens;
    default:
      return undefined;
  }
}

/** 9:00 of the person's next day. Before 4:00, that is the day that has already begun. */
function nextMorning(now: Instant, utcOffset: Millis): Instant {
  const local = now + utcOffset;
  const today = Math.floor((local - 4 * hour) / day) * day;
  return today + day + 9 * hour - utcOffset;
}
