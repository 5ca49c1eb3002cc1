/** The table of the first nodes of a pool digest that ask. */
import type { KnownBlock } from '@slack/types';
import type { DigestRow, PoolDigestData } from '../../../reboot/pool-digest/message/digest-facts.ts';
import { standingOf } from '../../../reboot/words/words.ts';
import { context, table } from '../../blocks/blocks.ts';
import { say } from '../../blocks/escape.ts';
import { counted } from '../phrases.ts';

interface Column {
  readonly name: string;
  readonly cell: (row: DigestRow) => string;
  /** Absent: the column is shown only if a row has a value in it. */
  readonly always?: true;
}

const columns: readonly Column[] = [
  { name: 'Node', cell: ({ node }) => node, always: true },
  { name: 'Zone', cell: ({ zone = '' }) => zone },
  { name: 'New kernel', cell: ({ kernel = '' }) => kernel },
  { name: 'Packages', cell: packages },
  { name: 'Now', cell: standing },
];

export function digestTable({ rows, counts, closedAt }: PoolDigestData): KnownBlock[] {
  if (closedAt !== undefined || rows.length === 0) return [];
  const shown = columns.filter(({ always, cell }) => always ?? rows.some((row) => cell(row) !== ''));
  const rest = counts.asking + counts.snoozed - rows.length;
  return [
    ...table([
      shown.map(({ name }) => name),
      ...rows.map((row) => shown.map(({ cell }) => cell(row) || '–')),
    ]),
    ...(rest > 0 ? [context(say`and ${counted(rest, 'node')} more: _Choose…_ and _Details_ list all.`)] : []),
  ];
}

function packages({ packages: named, more }: DigestRow): string {
  const rest = more > 0 ? `${named.length > 0 ? ' and ' : ''}${more} more` : '';
  return `${named.join(', ')}${rest}`;
}

/** Empty for one that asks and that nobody has approved yet, as most of them. */
function standing({ phase, approvedBy }: DigestRow): string {
  const approved = approvedBy.length === 0 ? '' : `approved by ${approvedBy.join(', ')}`;
  return phase === 'Pending' ? approved : standingOf(phase);
}
