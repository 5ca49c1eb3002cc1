/** What the message of a pool digest and its modals say. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDigest } from '../../../src/bot/payload/digest-values.ts';
import {
  chooseLoading,
  chooseMissing,
  chooseModal,
  type ChosenMembers,
} from '../../../src/bot/views/digest/choose-modal.ts';
import { digest } from '../../../src/bot/views/digest/digest.ts';
import { digestDenyModal, digestSnoozeModal } from '../../../src/bot/views/digest/digest-modals.ts';
import { digestReplies } from '../../../src/bot/views/digest/digest-replies.ts';
import { manyAnswer } from '../../../src/bot/views/digest/many-answer.ts';
import { nodesModal } from '../../../src/bot/views/digest/nodes-modal.ts';
import { card } from '../../../src/bot/views/card/card.ts';
import type { Json } from '../../../demo/slack/json.ts';
import { checkBlocks } from '../../../demo/slack/validate/surfaces.ts';
import { checkView, isTooLarge } from '../../../demo/slack/validate/views.ts';
import type { PoolDigestData } from '../../../src/reboot/pool-digest/message/digest-facts.ts';
import { hour } from '../../../src/reboot/time/time.ts';
import { aDigest, aMember, digests } from '../fixtures/digests.ts';
import { undoneGroups } from '../../../src/reboot/pool-digest/message/digest-rows.ts';
import type { DrainRetry } from '../../../src/reboot/state/undo-facts.ts';
import { sameCauseBefore } from '../../../src/reboot/pool-digest/same-cause.ts';
import { replies } from '../../../src/bot/views/answers/replies.ts';
import { mia, noon } from '../../fakes/builders.ts';
import {
  cardDecision,
  aCard,
  cardReboot as aReboot,
  cardFailed as failed,
  cardRebooting as rebooting,
} from '../fixtures/cards.ts';
import { hostile } from '../fixtures/hostile.ts';

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
const problems = (view: { readonly blocks: unknown }) => checkBlocks(asJson(view.blocks), 'message');
const linkTo = (ref: { readonly ts: string } | undefined) =>
  ref && `https://harbour.slack.example/archives/C0/p${ref.ts}`;
const screen = (name: string): string => `../__screens__/digest-${name}.json`;
const pasteable = (view: unknown): string => `${JSON.stringify(view, null, 2)}\n`;
const labelsOf = (data: PoolDigestData): string[] =>
  [
    ...JSON.stringify(digest(data).blocks).matchAll(
      /"type":"button","text":\{"type":"plain_text","text":"([^"]*)"/g,
    ),
  ].map((match) => match[1] ?? '');

describe('the message of a pool digest', () => {
  it.each(Object.entries(digests))('fits into what Slack accepts: %s', async (name, data) => {
    const view = digest(data, linkTo);
    expect(problems(view)).toEqual([]);
    await expect(pasteable(view)).toMatchFileSnapshot(screen(name));
  });

  it('is read by phones with how many, the pool, the cluster, and what it would disturb', () => {
    const { text } = digest(aDigest());
    for (const word of ['212 nodes of pool workers ask', 'prod-eu', '6.8.0-49-generic', '280 pods move'])
      expect(text).toContain(word);
  });

  it('offers what can be decided, for the revision that it shows', () => {
    expect(labelsOf(aDigest())).toEqual([
      'Approve all',
      'Approve all for Tue 02:00',
      'Choose…',
      'Snooze',
      'Deny',
      'Details',
    ]);
    expect(labelsOf(digests['asks-any-time'] ?? aDigest())).toEqual([
      'Approve all',
      'Choose…',
      'Snooze',
      'Deny',
      'Details',
    ]);
    expect(labelsOf(digests['asks-in-window-only'] ?? aDigest())[0]).toBe('Approve all for Tue 02:00');
    expect(labelsOf(digests['snoozed'] ?? aDigest())).toEqual(['Choose…', 'Details', 'Ask again about 5']);
    expect(labelsOf(digests['done'] ?? aDigest())).toEqual([]);
    const value = /"value":"((?:[^"\\]|\\.)*)"/.exec(JSON.stringify(digest(aDigest()).blocks))?.[1];
    expect(decodeDigest(JSON.parse(`"${value}"`) as string)).toEqual({
      ok: true,
      value: {
        cluster: 'prod-eu',
        pool: 'workers',
        id: 'workers-20261122-1',
        revision: 3,
        opens: noon + 38 * hour,
      },
    });
  });

  it('asks before all are approved: how many, how many at a time, what for, and what goes down', () => {
    const [now, later] = [
      ...JSON.stringify(digest(aDigest()).blocks).matchAll(
        /"confirm":\{"title":.*?"text":\{[^}]*"text":"([^"]*)"/g,
      ),
    ];
    expect(now?.[1]).toBe(
      '212 nodes of pool workers in prod-eu are drained and rebooted now, as soon as turns are free, 8 at a time, about 3 h 40 min in all. At least 5 workloads would go down.',
    );
    expect(later?.[1]).toContain('for Tue 02:00, 8 at a time');
  });

  it('keeps Slack’s limits and lets nobody be mentioned, whatever nodes and workloads are called', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 10 }), (names) => {
        const named = { count: 900, first: names.slice(0, 5) };
        const base = digests['failed'] ?? aDigest();
        const data = aDigest({
          ...base,
          packages: names.slice(0, 8).map((name) => ({ name, risk: 'other', versions: [name], nodes: 3 })),
          kernels: names.slice(0, 4).map((release) => ({ release, nodes: 9 })),
          impact: {
            sampled: 1,
            of: 2,
            podsToMove: 1,
            lost: named,
            goesDown: named,
            budgets: named,
            refusals: named,
          },
          rows: names.map((node) => ({
            reboot: node,
            node,
            zone: node,
            kernel: node,
            packages: [node, node, node],
            more: 1,
            phase: 'Snoozed',
            since: noon,
            approvedBy: [node],
          })),
          running: names.map((node) => ({
            reboot: node,
            node,
            phase: 'Draining',
            since: noon,
            waitsFor: node,
          })),
          failed: base.failed.map((group) => ({
            ...group,
            sentence: names.join(' '),
            first: names.slice(0, 5).map((node) => ({ node, reboot: node })),
          })),
          waitsFor: names
            .slice(0, 4)
            .map((sentence) => ({ code: 'turn-taken', sentence, nodes: 1, first: sentence })),
          decisions: [
            {
              id: 'd',
              request: { kind: 'deny', reason: names[0] ?? '' },
              by: { kind: 'kubernetes', name: names[0] ?? '' },
              at: noon,
              of: 3,
              result: {
                applied: 1,
                refused: 2,
                refusals: [{ node: names[0] ?? '', sentence: names[0] ?? '' }],
              },
            },
          ],
        });
        const views = [digest(data), ...digestReplies(data, () => undefined).map(({ view }) => view)];
        for (const view of views) {
          expect(problems(view)).toEqual([]);
          expect(view.text.length).toBeLessThanOrEqual(3000);
        }
        const parsed = views
          .flatMap(({ blocks }) => blocks)
          .filter(({ type }) => type !== 'table' && type !== 'header');
        expect(
          JSON.stringify(parsed).replaceAll(/"(confirm|accessibility_label)":(\{.*?\}\}|"[^"]*")/g, ''),
        ).not.toMatch(/<!(channel|here)|<@U0MIA>|<https/);
      }),
      { numRuns: 60 },
    );
  });

  it('makes a card of one of its nodes point to it, without buttons', () => {
    const url = 'https://harbour.slack.example/archives/C0/p1';
    const shown = JSON.stringify(card(aCard({}, { poolDigest: { id: 'workers-20261122-1' } }), url).blocks);
    expect(shown).not.toContain('"type":"button"');
    expect(shown).toContain(`It is decided in <${url}|the digest of pool workers>`);
  });
});

describe('the replies of a pool digest', () => {
  const keys = (data: PoolDigestData) =>
    digestReplies(data, linkTo).map(({ key, broadcast = false }) => ({ key, broadcast }));

  it('tell a decision when it is applied, and a failure of many once for each step', () => {
    expect(keys(digests['failed'] ?? aDigest())).toEqual([
      { key: 'decided@d1', broadcast: false },
      { key: 'failed@did-not-come-back@5', broadcast: true },
    ]);
    expect(keys(digests['being-applied'] ?? aDigest())).toEqual([]);
    for (const { view } of digestReplies(digests['failed'] ?? aDigest(), linkTo))
      expect(problems(view)).toEqual([]);
  });

  it('of the nodes tell the channel of the first failures only: the digest tells of more', () => {
    const failures = (before: number) =>
      replies(aCard({ state: failed(rebooting()) }, { sameCauseBefore: before })).filter(({ key }) =>
        key.startsWith('failed@'),
      );
    expect(failures(3)).toMatchObject([{ broadcast: true }]);
    expect(failures(4).map(({ broadcast }) => broadcast)).toEqual([undefined]);
    expect(JSON.stringify(failures(4))).not.toContain('<!subteam');
  });

  it('count only failures of the same cause that came before', () => {
    const at = (
      name: string,
      since: string,
      code: 'did-not-come-back' | 'still-required' = 'did-not-come-back',
    ) => aReboot({ name, state: { ...failed(rebooting()), since, code } });
    const all = [
      at('a', '2026-11-22T12:01:00Z'),
      at('b', '2026-11-22T12:02:00Z'),
      at('c', '2026-11-22T12:02:00Z'),
    ];
    const other = at('d', '2026-11-22T12:00:00Z', 'still-required');
    expect(all.map((reboot) => sameCauseBefore(reboot, [...all, other, aReboot()]))).toEqual([0, 1, 2]);
    expect(sameCauseBefore(aReboot(), all)).toBe(0);
  });

  it('of undone drains that wait for a person are grouped in the same way', () => {
    const retry = (more: Partial<DrainRetry> = {}): DrainRetry => ({
      why: 'timeout',
      cause: 'budget db/pg allowed nothing for 15 min',
      times: 3,
      pods: ['db/pg-0'],
      budgets: ['db/pg'],
      needsPerson: 'tried-enough',
      at: '2026-11-22T12:00:00Z',
      ...more,
    });
    const approved = { phase: 'Approved', since: '2026-11-22T11:00:00Z', decision: cardDecision() } as const;
    const waiting = (name: string, more?: Partial<DrainRetry>) =>
      aReboot({ name, state: { ...approved, retry: retry(more) } });
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => waiting(name));
    const other = waiting('f', { budgets: ['web/front'], at: '2026-11-22T11:00:00Z' });
    expect([...all, other].map((reboot) => sameCauseBefore(reboot, [...all, other]))).toEqual([
      0, 1, 2, 3, 4, 0,
    ]);
    const asked = (before: number) =>
      replies(aCard({ state: { ...approved, retry: retry() } }, { sameCauseBefore: before })).filter(
        ({ key }) => key.startsWith('undone@'),
      );
    expect(asked(3)).toMatchObject([{ broadcast: true }]);
    expect(asked(4).map(({ broadcast }) => broadcast)).toEqual([undefined]);
    expect(undoneGroups([...all, other])).toMatchObject([
      { nodes: 1, sentence: 'budget db/pg allowed nothing for 15 min' },
      { nodes: 5, needsPerson: 'tried-enough' },
    ]);
  });

  it('about undone drains are broadcast from the fifth node of one cause on', async () => {
    const told = digests['undone'] ?? aDigest();
    expect(keys(told)).toEqual([{ key: 'undone@tried-enough db/pg@5', broadcast: true }]);
    const [group] = told.undone;
    expect(group && keys({ ...told, undone: [{ ...group, nodes: 4 }] })).toEqual([]);
  });

  it('call somebody when a snooze is over', () => {
    expect(keys(digests['snoozed'] ?? aDigest())).toEqual([{ key: 'decided@d1', broadcast: false }]);
    expect(keys(digests['asks-again'] ?? aDigest())).toContainEqual({
      key: 'asks-again@d1',
      broadcast: true,
    });
  });
});

describe('the answer to a decision for many', () => {
  const result = {
    ok: true,
    request: { kind: 'approve', mode: 'now', atMost: 2 },
    pool: 'workers',
    nodes: 198,
    refused: 14,
    refusals: [{ node: 'worker-2', sentence: 'The packages changed <!channel>.' }],
    approvalsMissing: 1,
    repeated: false,
  } as const;

  it('says on how many, on which not and why, and what is missing still', async () => {
    const view = manyAnswer(result);
    expect(problems(view)).toEqual([]);
    await expect(pasteable(view)).toMatchFileSnapshot(screen('answer'));
    expect(manyAnswer({ ...result, repeated: true, request: { kind: 'deny', reason: 'no' } }).text).toContain(
      'You have decided that already a moment ago: You denied 198 nodes of pool workers.',
    );
  });
});

describe('the modals of a pool digest', () => {
  const value = { cluster: 'prod-eu', pool: 'workers', id: 'workers-20261122-1', revision: 3 };
  const about = { value, origin: { channel: 'C0REBOOTS' }, filter: {} };
  const found = (count: number): ChosenMembers => ({
    ok: true,
    cluster: 'prod-eu',
    pool: 'workers',
    id: value.id,
    revision: 3,
    latest: 3,
    members: Array.from({ length: count }, (_, nth) => aMember(nth + 1)),
    approveNowAllowed: true,
    concurrency: 8,
    window: { opens: noon + hour, closes: noon + 2 * hour, label: 'Sun', short: 'Sun 13:00', open: false },
  });
  const modals = {
    choose: chooseModal(found(212), about),
    'choose-filtered': chooseModal(found(2000), {
      ...about,
      filter: { zone: 'eu-1a', kernel: '6.8.0-50-generic', text: 'instance-type=m7.large' },
    }),
    'choose-loading': chooseLoading('workers'),
    'choose-missing': chooseMissing('The digest is not kept any more.'),
    nodes: nodesModal(found(3), about),
    'nodes-paged': nodesModal(found(2000), { ...about, value: { ...value, page: 1 } }),
    deny: digestDenyModal(about),
    snooze: digestSnoozeModal({ ...about, value: { ...value, opens: noon } }),
  };

  it.each(Object.entries(modals))('fit into what Slack accepts: %s', async (name, modal) => {
    expect(checkView(asJson(modal), 'modal')).toEqual([]);
    expect(isTooLarge(asJson(modal))).toBe(false);
    await expect(pasteable(modal)).toMatchFileSnapshot(screen(`modal-${name}`));
  });

  it('lists what the filter lets through', () => {
    expect(JSON.stringify(modals['choose-filtered'])).toContain('*66 of 2000* match');
    expect(JSON.stringify(modals['choose-filtered'])).toContain('All 66 that match');
  });

  it('fit, whatever nodes, zones and kernels are called', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 60 }), (names) => {
        const members = names.map((name, nth) =>
          aMember(nth, {
            node: name,
            zone: name,
            kernel: { running: name, next: name },
            packages: [name, name],
          }),
        );
        for (const modal of [
          chooseModal({ ...found(0), members }, about),
          nodesModal({ ...found(0), members }, about),
        ])
          expect(checkView(asJson(modal), 'modal')).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

it('a decision tells who took it', () => {
  expect(digest(digests['done'] ?? aDigest()).blocks.at(-1)).toMatchObject({
    elements: [{ text: expect.stringContaining(`by <@${mia.kind === 'user' ? mia.id : ''}>, on 212 nodes`) }],
  });
});
