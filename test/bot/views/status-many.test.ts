/** `/reboot status` where hundreds of nodes wait. */
import { describe, expect, it } from 'vitest';
import { checkBlocks } from '../../../demo/slack/validate/surfaces.ts';
import type { Json } from '../../../demo/slack/json.ts';
import { statusAnswer } from '../../../src/bot/views/answers/status-answer.ts';
import type { StatusRow, StatusView } from '../../../src/reboot/ports/decisions/decisions.ts';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import type { Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import { aDecision, aReboot, at, noon, pending } from '../../fakes/builders.ts';

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
const pasteable = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const row = (index: number, { pool, state, blockers = [] }: Facts): StatusRow => ({
  reboot: aReboot({ ...named(pool, index), pool, state }),
  phase: state.phase,
  blockers,
  approvalsNeeded: 1,
});

interface Facts {
  readonly pool: string;
  readonly state: RebootState;
  readonly blockers?: readonly Blocker[];
}

const named = (pool: string, index: number): Pick<Reboot, 'name' | 'node'> => {
  const node = `${pool}-${String(index).padStart(4, '0')}`;
  return { name: `${node}-4f1c9a`, node: { name: node, uid: `uid-${node}` } };
};

const approved: RebootState = { phase: 'Approved', since: at(0), decision: aDecision() };
const turnTaken: Blocker = {
  code: 'turn-taken',
  sentence: 'All 8 turns of pool web are taken: web-0001 drains and 7 more.',
  clears: 'It starts when one of them is back.',
};
const outside: Blocker = {
  code: 'outside-window',
  sentence: 'Its window opens Tue 02:00.',
  clears: 'It starts then.',
};

const many = (count: number, facts: Facts): StatusRow[] =>
  Array.from({ length: count }, (_, index) => row(index, facts));

const patchDay = [
  ...many(1650, { pool: 'workers', state: pending }),
  ...many(200, { pool: 'web', state: approved, blockers: [turnTaken] }),
  ...many(149, { pool: 'db', state: approved, blockers: [outside] }),
  row(0, { pool: 'cp', state: pending }),
];

const view = (rows: readonly StatusRow[], of?: string): StatusView => ({
  cluster: 'prod-eu',
  ...(of === undefined ? {} : { of }),
  nodes: 5000,
  quiet: 3000,
  pauses: [],
  rows,
  heardAt: noon,
  now: noon,
});

describe('the status of two thousand nodes', () => {
  it('counts them by pool, phase and reason, with the first of each, on one screen', async () => {
    const shown = statusAnswer(view(patchDay));
    expect(checkBlocks(asJson(shown.blocks), 'message')).toEqual([]);
    await expect(pasteable(shown)).toMatchFileSnapshot('../__screens__/status-many.json');
  });

  it('shows each of them once on its pages', () => {
    const text = Array.from({ length: 50 }, (_, index) =>
      JSON.stringify(statusAnswer(view(patchDay), { page: index + 1 }).blocks),
    ).join();
    const rows = text.match(/\b\w+-\d{4} (?=needs|approved)/g) ?? [];
    const expected = patchDay.map(({ reboot }) => `${reboot.node.name} `);
    expect(rows.toSorted()).toEqual(expected.toSorted());
    expect(text).toContain('/reboot status 50');
    expect(text).not.toContain('/reboot status 51');
  });

  it('says of a page that does not exist how many there are, in the words of the pool that was asked for', () => {
    const rows = patchDay.filter(({ reboot }) => reboot.pool === 'workers');
    expect(JSON.stringify(statusAnswer(view(rows, 'workers'), { page: 99 }).blocks)).toContain(
      'There is no page 99: the last one is 42',
    );
    expect(JSON.stringify(statusAnswer(view(rows, 'workers')).blocks)).toContain('/reboot status workers 1');
  });

  it('holds as many pools and reasons as a message does, and says how many are left', () => {
    const rows = Array.from({ length: 300 }, (_, index) => many(2, { pool: `p${index}`, state: pending }));
    const shown = statusAnswer(view(rows.flat()));
    expect(checkBlocks(asJson(shown.blocks), 'message')).toEqual([]);
    expect(JSON.stringify(shown.blocks)).toContain('and 252 more groups');
  });

  it('lists thirty by themselves', () => {
    const shown = JSON.stringify(statusAnswer(view(many(30, { pool: 'workers', state: pending }))).blocks);
    expect(shown).toContain('workers-0029');
    expect(shown).not.toContain('Counted, since');
  });
});
