import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detailsModal } from '../../../src/bot/views/answers/details.ts';
import { card } from '../../../src/bot/views/card/card.ts';
import { replies } from '../../../src/bot/views/answers/replies.ts';
import { statusAnswer } from '../../../src/bot/views/answers/status-answer.ts';
import { progress } from '../../../src/bot/views/card/thread.ts';
import type { Json } from '../../../demo/slack/json.ts';
import { checkBlocks } from '../../../demo/slack/validate/surfaces.ts';
import { checkView } from '../../../demo/slack/validate/views.ts';
import type { CardData } from '../../../src/reboot/card/card-facts.ts';
import { aBlock, noon } from '../../fakes/builders.ts';
import { cards } from '../fixtures/cards.ts';
import { hostile } from '../fixtures/hostile.ts';
import { runsOf } from '../../property-runs.ts';

/** Facts that are ours or Kubernetes' own, not free text: enums, ids that we check, times. */
const kept = new Set([
  'phase',
  'kind',
  'what',
  'risk',
  'mode',
  'code',
  'why',
  'from',
  'id',
  'at',
  'since',
  'until',
  'deadline',
]);
const identifiers = new Set(['name', 'cluster', 'digest', 'riskDigest']);

/** The same card, with every free text in it replaced, and every list made long. */
function poisoned(value: unknown, words: Iterator<string>, key = ''): unknown {
  if (typeof value === 'string') {
    if (kept.has(key) || /^\d{4}-\d\d-\d\dT/.test(value)) return value;
    const word = words.next().value as string;
    // Names of our own objects are bounded by Kubernetes; what is in them is not trusted all the same.
    return identifiers.has(key) ? word.slice(0, 250) || 'x' : word;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => poisoned(item, words, key));
    return typeof value[0] === 'string'
      ? [...items, ...Array.from({ length: 300 }, () => words.next().value)]
      : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const isUser = 'kind' in value && value.kind === 'user';
  return Object.fromEntries(
    Object.entries(value).map(([field, item]) => [
      field,
      field === 'from' || !kept.has(field) || (field === 'id' && !isUser) || typeof item === 'object'
        ? poisoned(item, words, typeof item === 'string' && field === 'from' ? 'phase' : field)
        : item,
    ]),
  );
}

function* cycle(words: readonly string[]): Generator<string, never> {
  for (;;) yield* words;
}

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

/** Tokens that we make ourselves: people, groups, times, links to cards. */
const ours =
  /<(?:@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^-?\d+\^\{[a-z_]+\}(?: \{time\})?\|[0-9: UTC-]+)>/g;

function markupIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(markupIn);
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)];
  return Object.values(value).flatMap(markupIn);
}

describe('whatever names and reasons say', () => {
  const name = fc.constantFrom(...Object.keys(cards));
  const words = fc.array(hostile, { minLength: 3, maxLength: 8 });

  it('no message breaks a limit of Slack, and no token is smuggled in', () => {
    fc.assert(
      fc.property(name, words, (chosen, texts) => {
        const data = poisoned(cards[chosen], cycle(texts)) as CardData;
        const shownProgress = progress(data);
        const views = [
          card(data),
          ...(shownProgress ? [shownProgress] : []),
          ...replies(data, [
            { block: aBlock({ budget: texts[0] ?? '', pod: texts[1] ?? '' }), waited: 300_000 },
          ]).map((reply) => reply.view),
          statusAnswer({
            cluster: texts[0] ?? '',
            nodes: 1,
            quiet: 0,
            rows: [
              {
                reboot: data.reboot,
                phase: data.reboot.state.phase,
                blockers: data.blockers,
                approvalsNeeded: 2,
              },
            ],
            pauses: [],
            heardAt: noon,
            now: noon,
          }),
        ];
        for (const view of views) {
          expect(checkBlocks(asJson(view.blocks), 'message')).toEqual([]);
          expect(view.text.length).toBeLessThanOrEqual(3000);
          for (const text of [view.text, ...markupIn(view.blocks)]) {
            expect(text.replaceAll(ours, '')).not.toMatch(/[<>]/);
          }
        }
        const modal = detailsModal({
          cluster: data.cluster,
          reboot: data.reboot,
          blockers: data.blockers,
          earlier: [data.reboot],
        });
        expect(checkView(asJson(modal), 'modal')).toEqual([]);
        for (const text of markupIn(modal)) expect(text.replaceAll(ours, '')).not.toMatch(/[<>]/);
      }),
      { numRuns: runsOf(20) },
    );
  });

  it('buttons are always there: what does not fit is cut elsewhere', () => {
    fc.assert(
      fc.property(words, (texts) => {
        const data = poisoned(cards['pending'], cycle(texts)) as CardData;
        expect(JSON.stringify(card(data).blocks)).toContain('tugboot.approve-now');
      }),
      { numRuns: runsOf(10) },
    );
  });
});
