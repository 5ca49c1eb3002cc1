/** The modal of Details of a pool digest: all of its nodes, in pages. */
import type { KnownBlock, ModalView } from '@slack/types';
import type { DigestMember } from '../../../reboot/pool-digest/message/digest-facts.ts';
import { standingOf } from '../../../reboot/words/words.ts';
import { actions, button, context, modal, section } from '../../blocks/blocks.ts';
import { encodeDigestOrigin, type DigestOrigin, type DigestValue } from '../../payload/digest-values.ts';
import { joined, say, type Mrkdwn } from '../../blocks/escape.ts';
import { counted, namesInWords } from '../phrases.ts';
import type { ChosenMembers } from './choose-modal.ts';

const perPage = 50;
const perSection = 10;

export function nodesModal(found: ChosenMembers, about: DigestOrigin): ModalView {
  const { members, pool, cluster } = found;
  const pages = Math.max(1, Math.ceil(members.length / perPage));
  const page = Math.min(about.value.page ?? 0, pages - 1);
  const from = page * perPage;
  const common = commonOf(members);
  const rows = members.slice(from, from + perPage).map(memberLine(common));
  const shared = commonLine(common);
  return modal({
    id: 'tugboot.view.digest-nodes',
    title: 'Details',
    close: 'Close',
    metadata: encodeDigestOrigin(about),
    blocks: [
      section(
        say`*${counted(members.length, 'node')}* of pool ${pool} in ${cluster}, in the order in which they would start`,
      ),
      ...(shared === undefined ? [] : [context(shared)]),
      ...inSections(rows),
      ...(pages > 1
        ? [
            context(say`${from + 1} to ${from + rows.length} of ${members.length}`),
            ...turning(about.value, page, pages),
          ]
        : []),
      context(say`Digest ${found.id} · revision ${found.revision}`),
    ],
  });
}

const turning = (value: DigestValue, page: number, pages: number): KnownBlock[] =>
  actions([
    ...(page > 0
      ? [button({ label: 'Earlier', id: 'tugboot.digest.earlier', value: { ...value, page: page - 1 } })]
      : []),
    ...(page < pages - 1
      ? [button({ label: 'Later', id: 'tugboot.digest.later', value: { ...value, page: page + 1 } })]
      : []),
  ]);

const inSections = (rows: readonly Mrkdwn[]): KnownBlock[] =>
  Array.from({ length: Math.ceil(rows.length / perSection) }, (_, index) =>
    section(joined(rows.slice(index * perSection, (index + 1) * perSection), '\n')),
  );

const kernelsOf = ({ kernel }: DigestMember): string =>
  kernel.next === undefined ? kernel.running : `${kernel.running} → ${kernel.next}`;
const packagesOf = ({ packages }: DigestMember): string => packages.join(', ');

/** What most of them have in common is not repeated in each line. */
interface Common {
  readonly kernels: string;
  readonly packages: string;
}

const commonOf = (members: readonly DigestMember[]): Common => ({
  kernels: mostFrequent(members.map(kernelsOf)),
  packages: mostFrequent(members.map(packagesOf)),
});

function mostFrequent(values: readonly string[]): string {
  const counts = [...Map.groupBy(values, (value) => value)].toSorted(
    (one, other) => other[1].length - one[1].length,
  );
  return counts[0]?.[0] ?? '';
}

const memberLine =
  (common: Common) =>
  (member: DigestMember): Mrkdwn => {
    const { node, zone, phase, packages } = member;
    const parts = [
      say`*${node}* ${standingOf(phase)}`,
      ...(zone === undefined ? [] : [say`zone ${zone}`]),
      ...(kernelsOf(member) === common.kernels ? [] : [say`kernel ${kernelsOf(member)}`]),
      ...(packagesOf(member) === common.packages
        ? []
        : [packages.length === 0 ? say`no packages` : namesInWords(packages, 3)]),
    ];
    return say`• ${joined(parts, ' · ')}`;
  };

/** Undefined if there is nothing to say. */
const commonLine = ({ kernels, packages }: Common): Mrkdwn | undefined =>
  kernels === ''
    ? undefined
    : say`Unless a line says otherwise: kernel ${kernels}${packages === '' ? '' : `, ${packages}`}`;
