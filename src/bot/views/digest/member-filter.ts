/** Which nodes of a pool digest a person looks at. */
import type { DigestMember } from '../../../reboot/pool-digest/message/digest-facts.ts';
import type { MemberFilter } from '../../payload/digest-values.ts';

export const matching = (members: readonly DigestMember[], filter: MemberFilter): readonly DigestMember[] =>
  members.filter((member) => matches(member, filter));

function matches(member: DigestMember, { zone, kernel, text }: MemberFilter): boolean {
  if (zone !== undefined && member.zone !== zone) return false;
  if (kernel !== undefined && kernelOf(member) !== kernel) return false;
  return text === undefined || hasText(member, text);
}

/** All words, each in the name, a label (`key=value`) or a package. */
export function hasText(member: DigestMember, text: string): boolean {
  const labels = Object.entries(member.labels).map(([key, value]) => `${key}=${value}`);
  const said = [member.node, ...labels, ...member.packages].map((each) => each.toLowerCase());
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.some((each) => each.includes(word)));
}

/** The kernel that it would run: the same as now where no new one is installed. */
export const kernelOf = ({ kernel }: DigestMember): string => kernel.next ?? kernel.running;

/** The values that occur, in order. */
export const valuesIn = (
  members: readonly DigestMember[],
  of: (member: DigestMember) => string | undefined,
): readonly string[] =>
  [...new Set(members.map(of).filter((value) => value !== undefined))].toSorted((one, other) =>
    one.localeCompare(other, 'en', { numeric: true }),
  );

export const isFiltered = ({ zone, kernel, text }: MemberFilter): boolean =>
  zone !== undefined || kernel !== undefined || text !== undefined;
