import { describe, expect, it } from 'vitest';
import type { Json } from '../../../demo/slack/json.ts';
import { checkBlocks } from '../../../demo/slack/validate/surfaces.ts';
import { checkView } from '../../../demo/slack/validate/views.ts';
import type { KeptPod } from '../../../src/reboot/state/drain-facts.ts';
import type { Impact } from '../../../src/reboot/state/impact.ts';
import { buttonsFor } from '../../../src/bot/views/card/buttons.ts';
import { card } from '../../../src/bot/views/card/card.ts';
import { detailsModal } from '../../../src/bot/views/answers/details.ts';
import { impactLine } from '../../../src/bot/views/card/impact-lines.ts';
import { keptPods } from '../../../src/bot/views/kept.ts';
import { previewAnswer } from '../../../src/bot/views/card/preview-lines.ts';
import { replies } from '../../../src/bot/views/answers/replies.ts';
import { anImpact, at } from '../../fakes/builders.ts';
import { aCard, cardDecision, cardReboot } from '../fixtures/cards.ts';

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

const quiet = { blockedBy: [], lost: [], emptyDir: [], refusals: [] } as const;
const lineOf = (impact: Partial<Impact>): string =>
  impactLine(anImpact({ ...quiet, podsToMove: 3, ...impact })).mrkdwn.replace(
    '*Would disturb* 3 pods move. ',
    '',
  );
const dialogOf = (impact: Partial<Impact>): string => {
  const [approve] = buttonsFor(aCard({ impact: anImpact({ ...quiet, ...impact }) }));
  return approve?.confirm?.text.text ?? '';
};
const cart = { workload: 'Deployment shop/cart', wants: 1, ready: 1 };
const why = 'needs 4 CPU, at most 2.5 CPU is free on one node';

describe('what goes down, in a line', () => {
  it.each<[string, Impact['goesDown']]>([
    ['Deployment shop/cart goes down: its only replica is here.', [cart]],
    [
      'StatefulSet db/pg goes down: its only ready pod is here.',
      [{ workload: 'StatefulSet db/pg', wants: 3, ready: 1 }],
    ],
    ['Cluster db/pg goes down: its only ready pod is here.', [{ workload: 'Cluster db/pg', ready: 1 }]],
    [
      'Deployment shop/web goes down: all 3 of its ready pods are here.',
      [{ workload: 'Deployment shop/web', wants: 3, ready: 3 }],
    ],
    [
      '4 workloads go down, with no ready pod elsewhere: Deployment shop/cart, A a/b, C c/d and 1 more.',
      [cart, ...['A a/b', 'C c/d', 'E e/f'].map((workload) => ({ workload, ready: 2 }))],
    ],
  ])('%s', (words, goesDown = []) => {
    expect(lineOf({ goesDown })).toBe(words);
  });
});

describe('DaemonSets that are broken already, in a line', () => {
  it.each<[string, readonly string[]]>([
    [
      'DaemonSet monitoring/exporter is not ready here already, and will not be asked for afterwards.',
      ['monitoring/exporter'],
    ],
    [
      '2 DaemonSets are not ready here already, and will not be asked for afterwards: a/b and c/d.',
      ['a/b', 'c/d'],
    ],
  ])('%s', (words, daemonsNotReady) => {
    expect(lineOf({ daemonsNotReady })).toBe(words);
  });
});

describe('whether there is room, in a line', () => {
  it.each<[string, Impact['room']]>([
    ['There seems to be room for all of them elsewhere.', { pods: 3, short: 0, without: [] }],
    ['There seems to be room for it elsewhere.', { pods: 1, short: 0, without: [] }],
    [
      `There may be no room elsewhere for 1 pod: shop/big (${why}).`,
      { pods: 3, short: 1, without: [{ pod: 'shop/big', reason: why }] },
    ],
    [
      `There may be no room elsewhere for 2 pods: shop/big (${why}) and db/pg-0 (no other node matches its node selector).`,
      {
        pods: 3,
        short: 2,
        without: [
          { pod: 'shop/big', reason: why },
          { pod: 'db/pg-0', reason: 'no other node matches its node selector' },
        ],
      },
    ],
    [
      'There may be no room elsewhere for 9 pods: a/1 (x), a/2 (x) and 7 more.',
      { pods: 9, short: 9, without: ['a/1', 'a/2', 'a/3'].map((pod) => ({ pod, reason: 'x' })) },
    ],
  ])('%s', (words, room = { pods: 0, short: 0, without: [] }) => {
    expect(lineOf({ room })).toBe(words);
  });

  it('says nothing where no pod needs a place, and where nobody knows', () => {
    const alone = '*Would disturb* 3 pods move.';
    expect(lineOf({ room: { pods: 0, short: 0, without: [] } })).toBe(alone);
    expect(lineOf({})).toBe(alone);
  });
});

describe('which pods come back, in a line', () => {
  const [one, other] = [
    { pod: 'net/agent-1', why: 'tolerates' as const },
    { pod: 'net/agent-2', why: 'tolerates' as const },
  ];
  it.each<[string, NonNullable<Impact['comeBack']>]>([
    ['1 pod may come back to this node and then stays, since it tolerates its cordon: net/agent-1.', [one]],
    [
      '2 pods may come back to this node and then stay, since they tolerate its cordon: net/agent-1 and net/agent-2.',
      [one, other],
    ],
    [
      '1 pod may come back to this node and then stays, since it tolerates its cordon: net/agent-1. 1 pod comes back to this node and then stays, being bound to it by name: shop/pinned.',
      [one, { pod: 'shop/pinned', why: 'named' }],
    ],
  ])('%s', (words, comeBack) => {
    expect(lineOf({ comeBack })).toBe(words);
  });
});

describe('what a drain would wait for in vain, in a line', () => {
  it.each<[string, Partial<Impact>]>([
    [
      'The drain may take 15 min, and less than a pod has to end: shop/train (1 h).',
      { slow: { timeout: 900_000, pods: [{ pod: 'shop/train', grace: 3_600_000 }] } },
    ],
    [
      'The node is not Ready: its pods will not be seen to end, and the drain may wait until its time is over.',
      { nodeNotReady: true },
    ],
    [
      '1 pod asks to be left alone: shop/train (karpenter.sh/do-not-disrupt: true).',
      { askToStay: [{ pod: 'shop/train', by: 'karpenter.sh/do-not-disrupt: true' }] },
    ],
  ])('%s', (words, impact) => {
    expect(lineOf(impact)).toBe(words);
    expect(dialogOf(impact)).toMatch(impact.slow ? /^/ : /not Ready|left alone/);
  });
});

it('says in the thread why pods stay that came while the node drained', () => {
  const kept: readonly KeptPod[] = [
    { pod: 'net/agent-1', uid: '1', why: 'tolerates', of: 'ReplicaSet net/agent' },
    { pod: 'net/agent-2', uid: '2', why: 'tolerates', of: 'ReplicaSet net/agent' },
    { pod: 'shop/pinned', uid: '3', why: 'named' },
    { pod: 'shop/loop-4', uid: '4', why: 'again', of: 'Loop shop/loop' },
  ];
  expect(keptPods(kept).map(({ mrkdwn }) => mrkdwn)).toEqual([
    'net/agent-1 and net/agent-2 came back here, since they tolerate the cordon, and stay.',
    'shop/pinned is bound to this node by name, and stays.',
    'shop/loop-4 stays: pods of the same controller were evicted from here again and again, and new ones came each time.',
  ]);
});

describe('what budgets allow, in a line', () => {
  const block = { budget: 'db/pg', needed: 3, healthy: 3, allowed: 0, pod: 'db/pg-1' } as const;
  it.each<[string, Impact['blockedBy']]>([
    ['Budget db/pg allows no disruption now.', [{ ...block, kind: 'now' }]],
    ['Budget db/pg allows no disruption now.', [block]],
    [
      'Budget db/pg never allows a disruption, as it is written (minAvailable: 3, of 3 pods). A lower minAvailable in budget db/pg, or more pods, would allow it.',
      [{ ...block, kind: 'never', written: 'minAvailable: 3', expected: 3 }],
    ],
    [
      'Budget db/pg never allows a disruption, as it is written (maxUnavailable: 0, of 1 pod). A higher maxUnavailable in budget db/pg would allow it.',
      [{ ...block, kind: 'never', written: 'maxUnavailable: 0', expected: 1 }],
    ],
    [
      'Budget db/pg allows no disruption now. db/pg-1 itself is not healthy: unhealthyPodEvictionPolicy: AlwaysAllow in budget db/pg would let it go.',
      [{ ...block, kind: 'now', healthy: 2, unhealthy: true }],
    ],
  ])('%s', (words, blockedBy) => {
    expect(lineOf({ blockedBy })).toBe(words);
  });

  it('the dialog before an approval names those that never allow anything', () => {
    const never = { ...block, kind: 'never', written: 'minAvailable: 3', expected: 3 } as const;
    expect(dialogOf({ blockedBy: [block] })).not.toContain('Never');
    expect(dialogOf({ blockedBy: [never] })).toContain('Never allowed by a budget as it is written: db/pg.');
  });
});

it('the line says what is lost first, then what goes down, then what only takes longer', () => {
  const line = impactLine(
    anImpact({
      goesDown: [cart],
      room: { pods: 14, short: 0, without: [] },
      refusals: ['default/debug has none.'],
    }),
  ).mrkdwn;
  const order = [
    '14 pods move',
    'would be lost',
    'Local data',
    'would not begin',
    'goes down',
    'Budget db/pg',
    'room for all',
  ];
  const places = order.map((words) => line.indexOf(words));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(Math.min(...places)).toBeGreaterThan(0);
});

describe('what is shown in full', () => {
  const shown = (impact: Impact): string =>
    JSON.stringify(previewAnswer({ of: 'node', node: 'worker-03', pool: 'workers', impact }).blocks);

  it('names each workload and each pod without a place, and says that it is an estimate', () => {
    const many = Array.from({ length: 20 }, (_, nth) => ({ pod: `shop/web-${nth}`, reason: why }));
    const text = shown(anImpact({ goesDown: [cart], room: { pods: 30, short: 20, without: many } }));
    expect(text).toContain('Deployment shop/cart goes down: its only replica is here.');
    expect(text).toContain('There may be no room elsewhere for 20 pods of 30:');
    expect(text).toContain(`• shop/web-19: ${why}`);
    expect(text).toContain('An estimate by requests');
  });

  it('says that nothing goes down and that there is room, where that is so', () => {
    const text = shown(anImpact({ goesDown: [], room: { pods: 14, short: 0, without: [] } }));
    expect(text).toContain('No workload would lose its last ready pod.');
    expect(text).toContain('There seems to be room for all of them elsewhere.');
  });

  it('says what is not known', () => {
    const text = shown(anImpact());
    expect(text).toContain('Which workloads would lose their last ready pod is not known.');
    expect(text).toContain('Whether there is room elsewhere is not known.');
  });

  it('says no more than that of a node with nothing to move', () => {
    const text = shown(anImpact({ ...quiet, podsToMove: 0 }));
    expect(text).not.toMatch(/not known|estimate|room/);
  });
});

describe('before an approval', () => {
  it('the dialog repeats what nobody should approve by accident', () => {
    const text = dialogOf({
      lost: ['default/debug'],
      goesDown: [cart, { ...cart, workload: 'StatefulSet db/pg' }, { ...cart, workload: 'x' }],
      refusals: ['no'],
      room: { pods: 9, short: 2, without: [] },
    });
    expect(text).toBe(
      'worker-03 in cluster prod-eu is drained and rebooted as soon as its turn comes. The drain would not begin: see Details. Would be lost: default/debug. Goes down: Deployment shop/cart, StatefulSet db/pg and 1 more. There may be no room elsewhere for 2 pods.',
    );
  });

  it('and says nothing more where there is nothing', () => {
    const plain = 'worker-03 in cluster prod-eu is drained and rebooted as soon as its turn comes.';
    expect(dialogOf({ goesDown: [], room: { pods: 9, short: 0, without: [] } })).toBe(plain);
  });
});

describe('what is found after an approval', () => {
  const decision = cardDecision();
  const afterDecision = { decision: decision.at, lost: [], goesDown: ['Deployment shop/cart'], refusals: [] };
  const approved = (impact: Partial<Impact>) =>
    aCard({
      state: { phase: 'Approved', since: at(0), decision },
      impact: anImpact({ goesDown: [cart, { ...cart, workload: 'known before' }], ...impact }),
    });
  const line = '*Found after the approval* Deployment shop/cart goes down: its only replica is here.';

  it('is on the card and in the thread, and of what was known before nothing', () => {
    const data = approved({ afterDecision });
    expect(JSON.stringify(card(data).blocks)).toContain(line);
    expect(JSON.stringify(replies(data))).toContain(line);
  });

  it('is told once, and again when there is more', () => {
    const keys = (found: Impact['afterDecision']): readonly string[] =>
      replies(approved(found ? { afterDecision: found } : {})).map(({ key }) => key);
    expect(keys(afterDecision)).toContain(`worse@${decision.at}@1`);
    expect(keys({ ...afterDecision, lost: ['default/debug'] })).toContain(`worse@${decision.at}@2`);
  });

  it('is nothing where it was found after an earlier decision', () => {
    const data = approved({ afterDecision: { ...afterDecision, decision: at(-9) } });
    expect(JSON.stringify([card(data), replies(data)])).not.toContain('Found after');
  });
});

it('the longest impact that is stored stays within what Slack takes', () => {
  const name = `<!channel>&*${'n'.repeat(500)}`;
  const hundred = <T>(one: T): readonly T[] => Array.from({ length: 100 }, () => one);
  const impact = anImpact({
    lost: hundred(name),
    emptyDir: hundred(name),
    refusals: hundred(name.repeat(8)),
    goesDown: hundred({ workload: name, ready: 100 }),
    room: { pods: 250, short: 250, without: hundred({ pod: name, reason: name.repeat(8) }) },
    afterDecision: { decision: at(0), lost: hundred(name), goesDown: [name], refusals: hundred(name) },
  });
  const decision = cardDecision();
  for (const data of [
    aCard({ impact }),
    aCard({ impact, state: { phase: 'Approved', since: at(0), decision } }),
  ]) {
    const messages = [card(data), ...replies(data).map(({ view }) => view)];
    for (const { blocks } of messages) {
      expect(checkBlocks(asJson(blocks), 'message')).toEqual([]);
      expect(JSON.stringify(blocks)).not.toContain('<!channel>');
    }
  }
  const answer = previewAnswer({ of: 'node', node: 'worker-03', pool: 'workers', impact });
  expect(checkBlocks(asJson(answer.blocks), 'message')).toEqual([]);
  expect(
    checkView(
      asJson(detailsModal({ cluster: 'prod-eu', reboot: cardReboot({ impact }), blockers: [], earlier: [] })),
      'modal',
    ),
  ).toEqual([]);
});
