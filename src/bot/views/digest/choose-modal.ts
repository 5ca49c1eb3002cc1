/** The modal in which nodes of a pool digest are chosen, and decided. */
import type { KnownBlock, ModalView } from '@slack/types';
import type { DigestMember } from '../../../reboot/pool-digest/message/digest-facts.ts';
import type { MembersAnswer } from '../../../reboot/ports/decisions/many-decisions.ts';
import { filterIds, inputIds } from '../../payload/action-ids.ts';
import { modal, section } from '../../blocks/blocks.ts';
import {
  choiceInput,
  filterInput,
  menu,
  menuInput,
  menus,
  reasonInput,
  searchInput,
  timeInput,
  type Choice,
} from '../../blocks/inputs.ts';
import { encodeDigestOrigin, type DigestOrigin } from '../../payload/digest-values.ts';
import { say } from '../../blocks/escape.ts';
import { counted, namesInWords } from '../phrases.ts';
import { ticketInput } from '../answers/decide-modal.ts';
import { snoozeChoices } from '../answers/decision-modals.ts';
import { isFiltered, kernelOf, matching, valuesIn } from './member-filter.ts';

export type ChosenMembers = Extract<MembersAnswer, { readonly ok: true }>;

/** The choice of a menu that filters nothing. */
export const all = '*';

export const chooseLoading = (pool: string): ModalView =>
  modal({
    id: 'tugboot.view.digest-nodes',
    title: 'Choose nodes',
    close: 'Close',
    blocks: [section(say`Looking up the nodes of pool ${pool} …`)],
  });

export const chooseMissing = (sentence: string): ModalView =>
  modal({
    id: 'tugboot.view.digest-nodes',
    title: 'Choose nodes',
    close: 'Close',
    blocks: [section(say`${sentence}`)],
  });

export function chooseModal(found: ChosenMembers, about: DigestOrigin): ModalView {
  const asking = found.members.filter(({ asks }) => asks);
  const listed = matching(asking, about.filter);
  return modal({
    id: 'tugboot.view.digest-choose',
    title: 'Choose nodes',
    submit: 'Decide',
    close: 'Back',
    metadata: encodeDigestOrigin(about),
    blocks: [
      section(
        say`*${counted(asking.length, 'node')}* of pool ${found.pool} in ${found.cluster} ${asking.length === 1 ? 'asks' : 'ask'}.`,
      ),
      ...filters(asking, about),
      section(countLine(listed, asking.length)),
      choiceInput(inputIds.extent, 'Which?', [
        { label: `All ${listed.length} that match`, value: 'listed' },
        { label: 'Only those picked below', value: 'picked' },
      ]),
      searchInput({
        id: inputIds.nodes,
        label: 'Nodes',
        hint: 'A search among those that match, at most 100 picks.',
        placeholder: 'Part of a name, a label or a package',
      }),
      menuInput(inputIds.decision, 'What?', decisions(found)),
      timeInput(
        inputIds.at,
        'Until, if snoozed',
        'In your time zone. If you pick a time, it counts instead of the one above.',
      ),
      ...atMost(found.concurrency),
      ...(found.demands === undefined ? [] : ticketInput(found.demands, true)),
      reasonInput({
        id: inputIds.reason,
        label: 'Why?',
        placeholder: reasonNeeded(found),
        optional: true,
      }),
    ],
  });
}

function reasonNeeded({ demands }: ChosenMembers): string {
  const others = demands?.reasonFor.filter((kind) => kind === 'approve' || kind === 'snooze') ?? [];
  return `Needed to ${[...others, 'deny'].join(' or ')} them`;
}

function filters(asking: readonly DigestMember[], { filter }: DigestOrigin): KnownBlock[] {
  const zones = valuesIn(asking, ({ zone }) => zone);
  const kernels = valuesIn(asking, kernelOf);
  return [
    ...menus([
      ...(zones.length > 1
        ? [
            menu({
              id: filterIds.zone,
              placeholder: 'Zone',
              choices: withAll('All zones', zones),
              chosen: filter.zone ?? all,
            }),
          ]
        : []),
      ...(kernels.length > 1
        ? [
            menu({
              id: filterIds.kernel,
              placeholder: 'Kernel',
              choices: withAll('All kernels', kernels),
              chosen: filter.kernel ?? all,
            }),
          ]
        : []),
    ]),
    filterInput(
      filterIds.text,
      'Filter, with Enter',
      'Part of a name, of label=value, or of a package',
      filter.text,
    ),
  ];
}

const withAll = (label: string, values: readonly string[]): Choice[] => [
  { label, value: all },
  // A value that Slack would cut could not be compared.
  ...values.filter((value) => value.length <= 75).map((value) => ({ label: value, value })),
];

function countLine(listed: readonly DigestMember[], asking: number) {
  const first = namesInWords(
    listed.map(({ node }) => node),
    5,
  );
  return listed.length === 0
    ? say`*None of ${asking}* matches.`
    : say`*${listed.length} of ${asking}* match: ${first}.`;
}

/** `approve-now`, `approve-window`, `deny`, or `snooze-` with a choice of the snooze modal. */
const decisions = ({ window, approveNowAllowed }: ChosenMembers): Choice[] => [
  ...(approveNowAllowed ? [{ label: 'Approve for now', value: 'approve-now' }] : []),
  ...(window
    ? [
        {
          label: window.open ? 'Approve for this window' : `Approve for ${window.short}`,
          value: 'approve-window',
        },
      ]
    : []),
  ...snoozeChoices(window && !window.open ? { opens: window.opens } : {}).map(({ label, value }) => ({
    label: `Snooze: ${label.charAt(0).toLowerCase()}${label.slice(1)}`,
    value: `snooze-${value}`,
  })),
  { label: 'Deny', value: 'deny' },
];

/** A person may choose fewer than the pool allows, never more. */
const atMost = (concurrency: number): KnownBlock[] =>
  concurrency <= 1
    ? []
    : [
        menuInput(inputIds.atMost, 'At a time, if approved', [
          { label: `${concurrency}, as the pool allows`, value: all },
          ...[1, 2, 3, 5, 10, 20, 50]
            .filter((count) => count < concurrency)
            .map((count) => ({ label: String(count), value: String(count) })),
        ]),
      ];

/** Whether the choice is of all nodes, so that no list has to be stored. */
export const isAll = (about: DigestOrigin): boolean => !isFiltered(about.filter);
