/** What a button does a word of `/reboot` does, and the reverse: on a node, a pool and a digest. */
import { describe, expect, it } from 'vitest';
import {
  cardActionIds,
  cardActions,
  digestActionIds,
  digestActions,
  encodeValue,
  inputIds,
  listActionIds,
} from '../../../src/bot/payload/action-ids.ts';
import { createGateway } from '../../../src/bot/connection/gateway.ts';
import { onCommand } from '../../../src/bot/command/on-command.ts';
import { subcommands } from '../../../src/bot/command/subcommands.ts';
import { encodeDigest } from '../../../src/bot/payload/digest-values.ts';
import { encodeList } from '../../../src/bot/payload/list-value.ts';
import { onClick } from '../../../src/bot/listeners/clicks.ts';
import { createInteractionHandler } from '../../../src/bot/listeners/interaction-handler.ts';
import type { SubmissionPayload } from '../../../src/bot/listeners/payloads.ts';
import { readSubmission } from '../../../src/bot/listeners/submissions.ts';
import { card } from '../../../src/bot/views/card/card.ts';
import { listAnswer } from '../../../src/bot/views/answers/list-answer.ts';
import { replies } from '../../../src/bot/views/answers/replies.ts';
import { rolloutDigest } from '../../../src/bot/views/card/rollout-digest.ts';
import { digest } from '../../../src/bot/views/digest/digest.ts';
import { type DecisionKind, rebootDecisionKinds } from '../../../src/reboot/approval/decision-request.ts';
import type { Demands } from '../../../src/reboot/approval/demands.ts';
import { offersOf } from '../../../src/reboot/card/offers.ts';
import { manyRequest } from '../../../src/reboot/pool-digest/many-request.ts';
import type { Decisions } from '../../../src/reboot/ports/decisions/decisions.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { fakeDirectory } from '../../fakes/ports/fake-directory.ts';
import { liveViews } from '../../fakes/live-views.ts';
import { noDecisions } from '../../fakes/no-decisions.ts';
import { noHome } from '../../fakes/no-home.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { cardReboot, cards, someDemands } from '../fixtures/cards.ts';
import { aMember, digests } from '../fixtures/digests.ts';
import { aList } from '../fixtures/lists.ts';
import { createRecorder } from '../recorder.ts';
import { rollouts } from '../fixtures/rollouts.ts';

const channel = 'C0REBOOTS';
const nothing: Demands = { name: 'workers', reasonFor: [] };
const reboot = cardReboot({ chat: { replies: {}, card: { channel, ts: '1.000100', hash: 'h' } } });
const value = { cluster: 'prod-eu', reboot: reboot.name, node: 'worker-03', seen: '4f1c9a77' };
const digestValue = { cluster: 'prod-eu', pool: 'workers', id: 'workers-1', revision: 3 };

/** A bot whose core notes what it is asked to decide. */
function bench(demands: Demands = nothing) {
  const time = fakeClock();
  const slack = createRecorder(time);
  const gateway = createGateway({
    api: slack,
    clock: time,
    sleep: time.sleep,
    random: () => 0.5,
    signal: new AbortController().signal,
  });
  const decided: { readonly on: 'node' | 'digest' | 'proposed' | 'list'; readonly kind: DecisionKind }[] = [];
  const many = {
    ok: true,
    nodes: 1,
    refused: 0,
    refusals: [],
    approvalsMissing: 0,
    repeated: false,
  } as const;
  let listed = aList;
  const decisions: Decisions = {
    ...noDecisions,
    demands: () => demands,
    decide: async (_name, { kind }) => {
      decided.push({ on: 'node', kind });
      return { ok: true, reboot, approvalsMissing: 0 };
    },
    decideAll: async ({ request }) => {
      decided.push({ on: 'digest', kind: request.kind });
      return { ...many, request };
    },
    decideList: async () => {
      decided.push({ on: 'list', kind: listed.request.kind });
      return { ...many, request: listed.request };
    },
    propose: async ({ target, request }) => {
      if (target === 'worker-03') return { ok: true, of: 'node', node: target, channel };
      decided.push({ on: 'proposed', kind: request.kind });
      listed = { ...aList, request };
      return { ok: true, of: 'list', list: listed };
    },
    resume: async () => {
      decided.push({ on: 'node', kind: 'go-on' });
      return { ok: true, scope: { kind: 'cluster' }, still: [], accepted: [], halts: [] };
    },
    status: async () => ({
      ok: true,
      status: {
        cluster: 'prod-eu',
        nodes: 1,
        quiet: 0,
        rows: [{ reboot, phase: 'Pending', blockers: [], approvalsNeeded: 1 }],
        pauses: [],
        heardAt: 0,
        now: 0,
      },
    }),
    digestMembers: async () => ({
      ok: true,
      ...digestValue,
      latest: 3,
      members: [aMember(1, { offers: [...rebootDecisionKinds] }), aMember(2, { offers: [] })],
      approveNowAllowed: true,
      concurrency: 1,
    }),
  };
  const handler = createInteractionHandler({
    clusters: new Map([['prod-eu', decisions]]),
    directory: fakeDirectory(),
    gateway,
    home: noHome,
    live: liveViews(time),
    clock: time,
    logger: silentLogger,
    logOf: () => silentLogger,
    isAppShared: () => false,
    examine: async () => [],
  });
  const user = { id: 'U0MIA', team_id: 'T0' };
  const opened = () => slack.of('views.open').map(({ args }) => args['view'] as SubmissionPayload['view']);
  return {
    decided,
    opened,
    press: (id: string, text: string) =>
      time.until(
        onClick(
          handler,
          {
            user,
            trigger_id: 't',
            channel: { id: channel },
            message: { ts: '1.000100' },
            actions: [{ action_id: id, value: text }],
          },
          async () => true,
        ),
      ),
    /** Submits the modal that was opened last. */
    submit: async (inputs: Readonly<Record<string, string>>) => {
      const view = opened().at(-1);
      if (view === undefined) throw new Error('no modal is open');
      const values = Object.fromEntries(
        Object.entries(inputs).map(([id, text]) => [
          id,
          { [id]: id === inputIds.until ? { selected_option: { value: text } } : { value: text } },
        ]),
      );
      const read = readSubmission(handler, { user, view: { ...view, state: { values } } });
      if (!read.ok) return read.errors;
      await time.until(read.execute());
      return undefined;
    },
    type: async (text: string) => {
      const payload = { command: '/reboot', text, user_id: user.id, team_id: 'T0', channel_id: channel };
      return time.until(onCommand(handler, payload, () => undefined));
    },
  };
}

const inputs = { [inputIds.reason]: 'because', [inputIds.until]: '4h' };

/** The decision that a button takes, with its modal if it opens one. */
async function decidedBy(id: string, text: string) {
  const all = bench();
  await all.press(id, text);
  if (all.opened().length > 0) await all.submit(inputs);
  return all.decided;
}

/** Words after the target, where the subcommand needs any. */
const argumentsOf = (kind: DecisionKind): string => (kind === 'deny' || kind === 'force' ? ' a reason' : '');
const wordsFor = (kind: DecisionKind): string[] =>
  Object.entries(subcommands).flatMap(([word, row]) => (row.decides === kind ? [word] : []));

const decidingActions = <Id extends string>(ids: readonly Id[], table: Readonly<Record<Id, unknown>>): Id[] =>
  ids.filter((id) => table[id] !== undefined);

describe('every decision by every way', () => {
  it('can be taken for many, whatever it is', () => {
    expect(new Set(manyRequest.options.map(({ shape }) => shape.kind.value))).toEqual(
      new Set(rebootDecisionKinds),
    );
  });

  it.each(rebootDecisionKinds)('%s: a button of the card, one of the digest, and one word', (kind) => {
    expect(cardActionIds.filter((id) => cardActions[id] === kind)).not.toEqual([]);
    expect(digestActionIds.filter((id) => digestActions[id] === kind)).not.toEqual([]);
    expect(wordsFor(kind)).toHaveLength(1);
  });

  it('a halted rollout goes on by its button, and by a word', () => {
    expect(cardActions['tugboot.go-on']).toBe('go-on');
    expect(wordsFor('go-on')).toEqual(['resume']);
  });

  it.each(decidingActions(cardActionIds, cardActions))('%s does what its table says', async (id) => {
    expect(await decidedBy(id, encodeValue(value))).toEqual([{ on: 'node', kind: cardActions[id] }]);
  });

  it.each(decidingActions(digestActionIds, digestActions))('%s does what its table says', async (id) => {
    expect(await decidedBy(id, encodeDigest(digestValue))).toEqual([
      { on: 'digest', kind: digestActions[id] },
    ]);
  });

  it.each(rebootDecisionKinds)(
    'the word for %s decides on a node, and on a pool by its list',
    async (kind) => {
      const { type, press, decided } = bench();
      const [word = ''] = wordsFor(kind);
      await type(`${word} worker-03${argumentsOf(kind)}`);
      await type(`${word} workers${argumentsOf(kind)}`);
      await press(listActionIds[0], encodeList({ cluster: 'prod-eu', list: 'abc' }));
      expect(decided).toEqual([
        { on: 'node', kind },
        { on: 'proposed', kind },
        { on: 'list', kind },
      ]);
    },
  );
});

interface Drawn {
  readonly action_id: string;
  readonly value: string;
  readonly confirm?: unknown;
}

function buttonsIn(view: unknown): Drawn[] {
  if (typeof view !== 'object' || view === null) return [];
  const own =
    'type' in view && view.type === 'button' && 'action_id' in view ? [view as unknown as Drawn] : [];
  return [...own, ...Object.values(view).flatMap(buttonsIn)];
}

const kindsIn = (view: unknown): Set<DecisionKind> =>
  new Set(
    buttonsIn(view).flatMap(({ action_id: id }) => {
      const table: Readonly<Record<string, DecisionKind | undefined>> = { ...cardActions, ...digestActions };
      return table[id] ?? [];
    }),
  );

describe('what is offered', () => {
  it.each(Object.entries(cards))('the card offers what the state allows: %s', (_name, data) => {
    const offered = offersOf(data.reboot, data.blockers);
    const drawn = kindsIn(card(data));
    const decidedElsewhere = data.poolDigest !== undefined || data.unserved === true;
    const withoutApproval = data.approveNowAllowed || data.window !== undefined ? [] : ['approve'];
    const expected = [...offered].filter((kind) => !withoutApproval.includes(kind));
    // An approval for the window is offered with one for now.
    expect([...drawn].toSorted()).toEqual(decidedElsewhere ? [] : expected.toSorted());
  });

  it.each(Object.entries(digests))(
    'the digest offers what the state of any node allows: %s',
    (_name, data) => {
      const { offers, counts, closedAt } = data;
      const further = Object.entries(offers).flatMap(([kind, nodes]) => (nodes > 0 ? [kind] : []));
      const asked = counts.asking > 0 ? ['approve', 'snooze', 'deny'] : [];
      expect([...kindsIn(digest(data))].toSorted()).toEqual(
        [...(closedAt === undefined ? asked : []), ...further].toSorted(),
      );
    },
  );
});

describe('confirmation', () => {
  const views = [
    ...Object.values(cards).flatMap((data) => [card(data), replies(data)]),
    ...Object.values(cards).map((data) => card({ ...data, demands: someDemands })),
    ...Object.values(rollouts).map((rollout) => rolloutDigest({ cluster: 'prod-eu', leader: 'a', rollout })),
    ...Object.values(digests).flatMap((data) => [digest(data), digest({ ...data, demands: someDemands })]),
    listAnswer(aList),
  ];
  const drawn = new Map(
    buttonsIn(views).map((button) => [
      `${button.action_id} ${button.value} ${button.confirm !== undefined}`,
      button,
    ]),
  );

  it('is asked once: no button with a dialog opens another', async () => {
    const seen = { confirmed: 0, modal: 0 };
    for (const { action_id: id, value: text, confirm } of drawn.values()) {
      const all = bench(someDemands);
      await all.press(id, text);
      const isModal = all.opened().length > 0;
      expect([id, confirm !== undefined && isModal]).toEqual([id, false]);
      seen.confirmed += confirm === undefined ? 0 : 1;
      seen.modal += isModal ? 1 : 0;
    }
    expect(seen.confirmed).toBeGreaterThan(5);
    expect(seen.modal).toBeGreaterThan(5);
  });

  it('is asked before anything is drained, stopped or given up, and not before a question is put off', () => {
    const confirmed = new Set(
      [...drawn.values()].flatMap(({ action_id: id, confirm }) => (confirm === undefined ? [] : [id])),
    );
    expect([...confirmed].toSorted()).toEqual([
      'tugboot.approve-now',
      'tugboot.cancel',
      'tugboot.digest.approve-now',
      'tugboot.digest.approve-window',
      'tugboot.digest.cancel',
      'tugboot.digest.retry',
      'tugboot.digest.skip',
      'tugboot.go-on',
      'tugboot.skip',
    ]);
  });
});

describe('what a pool demands', () => {
  const asking = { ...value, pool: 'workers' };

  it('is asked for in a modal, which refuses what is missing at its input', async () => {
    const { press, submit, decided, opened } = bench(someDemands);
    await press('tugboot.approve-now', encodeValue(asking));
    expect(JSON.stringify(opened()[0])).toContain('CHG0012345');
    expect(await submit({})).toEqual({
      [inputIds.changeTicket]:
        'Pool workers takes an approval only with a change ticket, such as CHG0012345. Nothing was approved.',
    });
    expect(await submit({ [inputIds.changeTicket]: 'INC7' })).toEqual({
      [inputIds.changeTicket]:
        '"INC7" is no change ticket of pool workers: they look like CHG0012345. Nothing was approved.',
    });
    expect(await submit({ [inputIds.changeTicket]: 'CHG0012345' })).toEqual({
      [inputIds.reason]: 'Pool workers wants to know why: give a reason. Nothing was decided.',
    });
    expect(decided).toEqual([]);
    await submit({ [inputIds.changeTicket]: 'CHG0012345', [inputIds.reason]: 'patches' });
    expect(decided).toEqual([{ on: 'node', kind: 'approve' }]);
  });

  it.each(['cancel', 'skip', 'retry', 'ask-again'] as const)(
    '%s asks for its reason, also for many',
    async (kind) => {
      const { press, submit, decided } = bench(someDemands);
      await press(`tugboot.${kind}`, encodeValue(asking));
      expect(await submit({})).toHaveProperty([inputIds.reason]);
      await submit({ [inputIds.reason]: 'the rack moves' });
      await press(`tugboot.digest.${kind}`, encodeDigest({ ...digestValue, asks: true }));
      expect(await submit({})).toHaveProperty([inputIds.reason]);
      await submit({ [inputIds.reason]: 'the rack moves' });
      expect(decided).toEqual([
        { on: 'node', kind },
        { on: 'digest', kind },
      ]);
    },
  );

  it('a snooze needs its reason where the pool says so', async () => {
    const { press, submit, decided } = bench(someDemands);
    await press('tugboot.snooze', encodeValue(asking));
    expect(await submit({ [inputIds.until]: '4h' })).toHaveProperty([inputIds.reason]);
    await submit(inputs);
    expect(decided).toEqual([{ on: 'node', kind: 'snooze' }]);
  });
});
