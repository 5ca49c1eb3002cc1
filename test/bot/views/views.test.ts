import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detailsLoading, detailsMissing, detailsModal } from '../../../src/bot/views/answers/details.ts';
import { denyModal, forceModal, snoozeModal } from '../../../src/bot/views/answers/decision-modals.ts';
import { card } from '../../../src/bot/views/card/card.ts';
import { subcommands } from '../../../src/bot/command/subcommands.ts';
import { helpAnswer } from '../../../src/bot/views/answers/help.ts';
import { replies } from '../../../src/bot/views/answers/replies.ts';
import { statusAnswer } from '../../../src/bot/views/answers/status-answer.ts';
import { progress } from '../../../src/bot/views/card/thread.ts';
import { checkBlocks } from '../../../demo/slack/validate/surfaces.ts';
import { checkView } from '../../../demo/slack/validate/views.ts';
import type { Json } from '../../../demo/slack/json.ts';
import type { StatusView } from '../../../src/reboot/ports/decisions/decisions.ts';
import type { HistoryEntry } from '../../../src/reboot/state/decision.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { canAskAgain } from '../../../src/reboot/machine/decisions/decide.ts';
import { arbitraryState } from '../../k8s/records/arbitrary-reboot.ts';
import { aBlock, anImpact, at, lee, noon } from '../../fakes/builders.ts';
import { aCard, cardDraining, cardReboot, cardRebooting, cardSucceeded, cards } from '../fixtures/cards.ts';

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
const pasteable = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const screen = (name: string): string => `../__screens__/${name}.json`;

const value = { cluster: 'prod-eu', reboot: 'worker-03-4f1c9a', node: 'worker-03', seen: '4f1c9a77' };
const origin = { channel: 'C0REBOOTS', threadTs: '1795348740.000100' };

const view = (overrides: Partial<StatusView> = {}): StatusView => ({
  cluster: 'prod-eu',
  nodes: 45,
  quiet: 41,
  rows: Object.values(cards).map((data) => ({
    reboot: data.reboot,
    phase: data.reboot.state.phase,
    blockers: data.blockers,
    approvalsNeeded: data.approvalsNeeded,
  })),
  pauses: [],
  heardAt: noon,
  now: noon,
  ...overrides,
});

describe('the card', () => {
  it.each(Object.entries(cards))('says what is the case: %s', async (name, data) => {
    const shown = card(data);
    expect(checkBlocks(asJson(shown.blocks), 'message')).toEqual([]);
    await expect(pasteable(shown)).toMatchFileSnapshot(screen(`card-${name}`));
  });

  it('names node and cluster in the text that phones show', () => {
    for (const data of Object.values(cards)) {
      expect(card(data).text).toContain('worker-03');
      expect(card(data).text).toContain('prod-eu');
    }
  });

  it('offers to ask again exactly where the core would take it', () => {
    fc.assert(
      fc.property(arbitraryState, (state) => {
        const data = aCard({ state });
        const offered = JSON.stringify(card(data).blocks).includes('"tugboot.ask-again"');
        expect(offered).toBe(canAskAgain(data.reboot));
      }),
    );
    const offering = Object.keys(cards).filter((name) =>
      JSON.stringify(cards[name] ? card(cards[name]).blocks : []).includes('"tugboot.ask-again"'),
    );
    expect(offering).toEqual([
      'snoozed',
      'denied',
      'failed-given-up-and-cleaned-up',
      'cancelled',
      'superseded-no-longer-required',
      'cancelled-mark-removed',
      'given-up-mark-removed',
    ]);
  });

  it('offers Force only while a budget stands in the way', () => {
    const labels = (name: keyof typeof cards): string =>
      JSON.stringify(cards[name] ? card(cards[name]).blocks : []);
    expect(labels('draining')).not.toContain('tugboot.force');
    expect(labels('draining-held-back')).toContain('tugboot.force');
    expect(labels('failed-reboot')).not.toContain('tugboot.force');
    expect(labels('failed-drain')).toContain('tugboot.force');
  });

  it('offers Approve now only where the pool allows it', () => {
    expect(JSON.stringify(card(aCard({}, { approveNowAllowed: false })).blocks)).not.toContain(
      'tugboot.approve-now',
    );
    expect(JSON.stringify(card(aCard()).blocks)).toContain('tugboot.approve-now');
  });

  it('names the window briefly on the button, and in full beside it', () => {
    const shown = JSON.stringify(card(aCard()).blocks);
    expect(shown).toContain('"Approve for Tue 02:00"');
    expect(shown).toContain('Tue 02:00–05:00, Europe/Berlin');
    const open = cards['pending-window-open'];
    expect(JSON.stringify(open && card(open).blocks)).toContain('"Approve for this window"');
  });

  it('says nothing of a window that a denied reboot will not start in', () => {
    expect(JSON.stringify(cards['denied'] && card(cards['denied']).blocks)).not.toContain('*Window*');
  });

  it('says when the window opens only to those who wait for it', () => {
    const shown = (name: string): string => JSON.stringify(cards[name] && card(cards[name]).blocks);
    expect(shown('approved-now')).not.toContain('*Window*');
    expect(shown('approved-waits')).toContain('*Window*');
  });

  it.each([
    [{ podsToMove: 0, lost: [] }, '*Would disturb* nothing: no pod has to move.'],
    [{ podsToMove: 0, lost: ['a/b'] }, '*Would disturb* no pod that could move. 1 pod would be lost'],
    [{ podsToMove: 1, lost: [] }, '*Would disturb* 1 pod moves.'],
    [{ podsToMove: 2, lost: [] }, '*Would disturb* 2 pods move.'],
  ])('counts like a person: %j', (impact, words) => {
    const shown = card(aCard({ impact: anImpact({ blockedBy: [], emptyDir: [], ...impact }) }));
    expect(JSON.stringify(shown.blocks)).toContain(words);
  });

  it('counts no pods like a person, too', () => {
    const ended = card(aCard({ state: cardSucceeded({ pods: 0 }) }));
    expect(JSON.stringify(ended.blocks)).toContain('No pod had to move.');
    const drained = { startedAt: at(0), endedAt: at(0), pods: 0 };
    const rebooted = card(aCard({ state: cardRebooting({ drained }) }));
    expect(JSON.stringify(rebooted.blocks)).toContain('No pod had to move.');
  });

  it('has no buttons but Details once nothing can be decided', () => {
    for (const name of [
      'rebooting',
      'settling',
      'succeeded',
      'cancelled-cleanup-pending',
      'superseded',
      'failed-given-up',
      'failed-settling-given-up',
    ]) {
      const data = cards[name];
      const ids = JSON.stringify(data && card(data).blocks).match(/tugboot\.[a-z-]+/g);
      expect(ids, name).toEqual(['tugboot.details']);
    }
  });
});

describe('the thread', () => {
  it.each(Object.entries(cards))('shows the progress and tells what must be seen: %s', async (name, data) => {
    const shown = { progress: progress(data) ?? null, replies: replies(data) };
    for (const message of [
      ...(shown.progress ? [shown.progress] : []),
      ...shown.replies.map((reply) => reply.view),
    ]) {
      expect(checkBlocks(asJson(message.blocks), 'message')).toEqual([]);
    }
    await expect(pasteable(shown)).toMatchFileSnapshot(screen(`thread-${name}`));
  });

  it('broadcasts questions that are put again, failures, drains that a person has to decide about, and ends that leave a node cordoned, late reminders, and nothing else', () => {
    const loud = Object.values(cards).filter((data) => replies(data).some((reply) => reply.broadcast));
    expect(loud.map((data) => data.reboot.state.phase)).toEqual([
      'Pending',
      'Pending',
      'Pending',
      'Pending',
      'Approved',
      'Failed',
      'Failed',
      'Succeeded',
      'Succeeded',
      'Cancelled',
      'GivenUp',
    ]);
  });

  it('offers Force and Cancel where a budget has held the drain back for long', async () => {
    const drain = { at: '', total: 14, gone: 13, leaving: [], waiting: [aBlock()], trouble: [] };
    const data = aCard({ state: cardDraining({ drain }) });
    const told = replies(data, [{ block: aBlock(), waited: 5 * minute }]);
    await expect(pasteable(told)).toMatchFileSnapshot(screen('thread-long-wait'));
    expect(JSON.stringify(told)).toContain('tugboot.force');
    expect(JSON.stringify(told)).toContain('tugboot.cancel');
  });

  it('speaks in sentences', () => {
    for (const [name, data] of Object.entries(cards)) {
      const { text } = progress(data) ?? { text: 'worker-03: Nothing.' };
      const [first = ''] = text.replace('worker-03: ', '').split('\n');
      // A drain shows its bar there, and a failure what the core says.
      if (!first.startsWith('▓') && data.reboot.state.phase !== 'Failed')
        expect(first, name).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('tells who put the question again, since it told who had said no', () => {
    const asked = { at: at(minute), what: 'asked-again' } as const;
    const told = (history: HistoryEntry[]): string => JSON.stringify(replies(aCard({ history })));
    expect(told([{ ...asked, by: lee }])).toContain('Asked again by <@U0LEE>.');
    expect(told([asked])).not.toContain('Asked again by');
  });

  it('says first of which node and cluster a failure tells, since the channel sees it alone', () => {
    const loud = Object.values(cards)
      .flatMap((data) => replies(data))
      .filter((reply) => reply.broadcast);
    expect(loud.length).toBeGreaterThan(3);
    for (const { view } of loud) expect(view.text).toMatch(/^[◷✕‖] worker-03:? .* · prod-eu\n/);
  });

  it('gives each reply a key of its own', () => {
    for (const data of Object.values(cards)) {
      const keys = replies(data).map((reply) => reply.key);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
});

describe('answers', () => {
  it.each([
    [1, 'status'],
    [2, 'status-page-2'],
  ])('shows the status of everything, page %i', async (page, file) => {
    const linkTo = () => 'https://harbour.slack.example/archives/C0/p1';
    const shown = statusAnswer(view(), { linkTo, page });
    expect(checkBlocks(asJson(shown.blocks), 'message')).toEqual([]);
    await expect(pasteable(shown)).toMatchFileSnapshot(screen(file));
  });

  it('counts what is wanted, and more only when some is there', () => {
    const row = (name: string): StatusView['rows'] =>
      view().rows.filter(({ reboot }) => reboot === cards[name]?.reboot);
    expect(statusAnswer(view({ rows: row('pending') })).blocks).toMatchObject([
      {},
      { text: { text: expect.stringContaining('needs 1 approval ·') } },
    ]);
    expect(statusAnswer(view({ rows: row('pending-one-of-two') })).blocks).toMatchObject([
      {},
      { text: { text: expect.stringContaining('needs 1 more approval (<@U0MIA>, of 2)') } },
    ]);
  });

  it('says in one line on how many nodes no agent can run, and why', async () => {
    const agentless = [
      { kind: 'of AWS Fargate', count: 12 },
      { kind: 'with Windows', count: 2 },
    ];
    const shown = statusAnswer(view({ rows: [], agentless }));
    expect(checkBlocks(asJson(shown.blocks), 'message')).toEqual([]);
    await expect(pasteable(shown)).toMatchFileSnapshot(screen('status-agentless'));
  });

  it('says that it is quiet, and how old its knowledge is', async () => {
    const shown = statusAnswer(view({ rows: [], quiet: 45, heardAt: noon - 5 * minute }));
    await expect(pasteable(shown)).toMatchFileSnapshot(screen('status-quiet-and-old'));
  });

  it('begins with what holds everything back: pauses, one that holds nobody, and a refused configuration', async () => {
    const by = { kind: 'user', id: 'U0MIA', name: 'mia' } as const;
    const pauses = [
      { pause: { scope: { kind: 'cluster' }, by, reason: 'storage <migration>' }, idle: false },
      { pause: { scope: { kind: 'pool', pool: 'wrokers' }, until: at(minute) }, idle: true },
      ...Array.from({ length: 5 }, (_, nth) => ({
        pause: { scope: { kind: 'node', node: `w${nth}` } } as const,
        idle: false,
      })),
    ] as const;
    const refused = `2 problems in tugboot.yaml\n  pools[0].windows: ${'x'.repeat(2000)}`;
    const shown = statusAnswer(view({ rows: [], pauses, refused }));
    expect(checkBlocks(asJson(shown.blocks), 'message')).toEqual([]);
    await expect(pasteable(shown)).toMatchFileSnapshot(screen('status-held'));
  });

  it('lists what can be typed, and guesses what was meant', async () => {
    await expect(pasteable(helpAnswer(subcommands, '/reboot'))).toMatchFileSnapshot(screen('help'));
    expect(helpAnswer(subcommands, '/reboot', 'stauts').text).toContain('/reboot status');
    expect(helpAnswer(subcommands, '/reboot', 'xyzzyplugh').text).not.toContain('Did you mean');
  });
});

const ofReboot = (reboot: Reboot) => ({ cluster: 'prod-eu', reboot, blockers: [], earlier: [] });

describe('modals', () => {
  const modals = {
    details: detailsModal({
      ...ofReboot(cardReboot({ history: [{ at: '2026-11-22T11:00:00Z', what: 'denied', reason: 'later' }] })),
      blockers: [
        {
          code: 'turn-taken',
          sentence: 'worker-01 of pool workers is under way.',
          clears: 'It starts when worker-01 is back.',
        },
      ],
      earlier: [
        cards['succeeded']?.reboot ?? cardReboot(),
        cards['given-up-mark-removed']?.reboot ?? cardReboot(),
      ],
    }),
    'details-several-signals': detailsModal(
      ofReboot(cards['pending-several-signals']?.reboot ?? cardReboot()),
    ),
    'details-loading': detailsLoading('worker-03'),
    'details-missing': detailsMissing('Reboot worker-03-4f1c9a is not kept any more.'),
    deny: denyModal(value, origin),
    force: forceModal(value, origin),
    snooze: snoozeModal({ ...value, opens: noon }, origin),
  };

  it.each(Object.entries(modals))('fits into what Slack accepts: %s', async (name, modal) => {
    expect(checkView(asJson(modal), 'modal')).toEqual([]);
    await expect(pasteable(modal)).toMatchFileSnapshot(screen(`modal-${name}`));
  });

  it('offers the next window only where there is one', () => {
    expect(JSON.stringify(snoozeModal(value, origin))).not.toContain('next window');
    expect(JSON.stringify(snoozeModal({ ...value, opens: noon }, origin))).toContain('next window');
  });
});

describe('the card of a reboot that succeeded', () => {
  it('is one section, with its Details at the side: hundreds of them stand in a channel on a patch day', () => {
    const { blocks, text } = card(cards['succeeded'] ?? aCard());
    expect(blocks).toMatchObject([{ type: 'section', accessory: { action_id: 'tugboot.details' } }]);
    expect(text).toContain('rebooted in 4 min 12 s');
    // It is of the boot before.
    expect(JSON.stringify(blocks)).not.toContain('up since');
  });
});
