import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cardActionIds,
  decodeOrigin,
  decodeValue,
  digestActionIds,
  listActionIds,
  encodeOrigin,
  encodeValue,
  plainDecisions,
  viewIds,
  type ButtonValue,
} from '../../../src/bot/payload/action-ids.ts';
import { listAnswer } from '../../../src/bot/views/answers/list-answer.ts';
import { aList } from '../fixtures/lists.ts';
import { handledActions } from '../../../src/bot/listeners/clicks.ts';
import { handledViews } from '../../../src/bot/listeners/submissions.ts';
import { card } from '../../../src/bot/views/card/card.ts';
import { decideModal } from '../../../src/bot/views/answers/decide-modal.ts';
import { denyModal, forceModal, snoozeModal } from '../../../src/bot/views/answers/decision-modals.ts';
import { replies } from '../../../src/bot/views/answers/replies.ts';
import { rolloutDigest } from '../../../src/bot/views/card/rollout-digest.ts';
import { cards, someDemands } from '../fixtures/cards.ts';
import { chooseModal } from '../../../src/bot/views/digest/choose-modal.ts';
import { digest } from '../../../src/bot/views/digest/digest.ts';
import {
  digestDecideModal,
  digestDenyModal,
  digestForceModal,
  digestSnoozeModal,
} from '../../../src/bot/views/digest/digest-modals.ts';
import { nodesModal } from '../../../src/bot/views/digest/nodes-modal.ts';
import { aMember, digests as digestData } from '../fixtures/digests.ts';
import { rollouts } from '../fixtures/rollouts.ts';

const value: ButtonValue = {
  cluster: 'prod-eu',
  reboot: 'worker-03-4f1c9a',
  node: 'worker-03',
  seen: '4f1c',
};
/** As Slack carries it. */
const { seen: shown, ...target } = value;
const payload = { ...target, digest: shown };

const about = {
  value: { cluster: 'prod-eu', pool: 'workers', id: 'workers-1', revision: 3 },
  origin: { channel: 'C0' },
  filter: {},
};
const members = {
  ok: true,
  cluster: 'prod-eu',
  pool: 'workers',
  id: 'workers-1',
  revision: 3,
  latest: 3,
  members: Array.from({ length: 150 }, (_, nth) => aMember(nth)),
  approveNowAllowed: true,
  concurrency: 8,
} as const;

const name = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60 });
const values: fc.Arbitrary<ButtonValue> = fc.record(
  {
    cluster: name,
    reboot: name,
    node: name,
    seen: name,
    opens: fc.nat(),
    pool: name,
    decision: fc.constantFrom(...plainDecisions),
  },
  { requiredKeys: ['cluster', 'reboot', 'node', 'seen'] },
);

describe('the value of a button', () => {
  it('comes back as it was sent', () => {
    fc.assert(
      fc.property(values, (sent) => {
        expect(decodeValue(encodeValue(sent))).toEqual({ ok: true, value: sent });
      }),
    );
  });

  it('carries its modal to the place of the click', () => {
    fc.assert(
      fc.property(values, fc.option(name, { nil: undefined }), (sent, threadTs) => {
        const origin = { channel: 'C0', ...(threadTs === undefined ? {} : { threadTs }) };
        expect(decodeOrigin(encodeOrigin(sent, origin))).toEqual({
          ok: true,
          value: { value: sent, origin },
        });
      }),
    );
  });

  it.each([
    ['value', 'not JSON'],
    ['value', '[]'],
    ['value', 'null'],
    ['v', JSON.stringify({ ...payload, v: 2 })],
    ['cluster', JSON.stringify({ ...payload, v: 1, cluster: '' })],
    ['reboot', JSON.stringify({ ...payload, v: 1, reboot: 7 })],
    ['node', JSON.stringify({ ...payload, v: 1, node: 'x'.repeat(254) })],
    ['digest', JSON.stringify({ v: 1, cluster: 'a', reboot: 'b', node: 'c' })],
    ['opens', JSON.stringify({ ...payload, v: 1, opens: 'soon' })],
    ['pool', JSON.stringify({ ...payload, v: 1, pool: '' })],
    ['decision', JSON.stringify({ ...payload, v: 1, decision: 'snooze' })],
  ])('names the field that is wrong: %s in %s', (field, text) => {
    expect(decodeValue(text)).toEqual({ ok: false, field });
  });

  it('never throws, whatever comes back', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(typeof decodeValue(text).ok).toBe('boolean');
        expect(typeof decodeOrigin(text).ok).toBe('boolean');
      }),
    );
  });

  it('is refused when Slack could not carry it', () => {
    expect(() => encodeValue({ ...value, node: 'x'.repeat(2000) })).toThrow(RangeError);
  });
});

describe('ids', () => {
  const idsIn = (view: unknown, key: string): string[] =>
    [...JSON.stringify(view).matchAll(new RegExp(`"${key}":"(tugboot[^"]*)"`, 'g'))].map(
      (match) => match[1] ?? '',
    );

  it('every button that is drawn has a listener, and every listener a button', () => {
    const digests = Object.values(rollouts).map((rollout) =>
      rolloutDigest({ cluster: 'prod-eu', leader: 'worker-03-4f1c9a', rollout }),
    );
    const poolDigests = Object.values(digestData).map((data) => digest(data));
    const pages = nodesModal(members, { ...about, value: { ...about.value, page: 1 } });
    const views = [
      ...Object.values(cards).map((data) => [card(data), replies(data)]),
      digests,
      poolDigests,
      pages,
      listAnswer(aList),
    ];
    const drawn = idsIn(views, 'action_id');

    expect(new Set(drawn)).toEqual(new Set(handledActions));
    expect(new Set(handledActions)).toEqual(
      new Set([...cardActionIds, ...digestActionIds, ...listActionIds]),
    );
  });

  it('every modal that can be submitted has a listener, and every listener a modal', () => {
    const modals = [
      ...[denyModal, forceModal, snoozeModal].map((make) => make(value, { channel: 'C0' })),
      decideModal({ value, origin: { channel: 'C0' } }, 'cancel', someDemands),
    ];
    const ofDigests = [
      chooseModal(members, about),
      digestDenyModal(about),
      digestForceModal(about),
      digestSnoozeModal(about),
      digestDecideModal(about, 'cancel', someDemands),
    ];
    const ids = [...modals, ...ofDigests].flatMap((modal) => idsIn(modal, 'callback_id'));
    expect(new Set(ids)).toEqual(new Set(handledViews));
    expect(viewIds).toEqual(expect.arrayContaining(handledViews));
  });
});
