import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card/card.ts';
import { replies } from '../../../src/bot/views/answers/replies.ts';
import { statusAnswer } from '../../../src/bot/views/answers/status-answer.ts';
import { progress } from '../../../src/bot/views/card/thread.ts';
import { whyAnswer } from '../../../src/bot/views/answers/why-answer.ts';
import { checkBlocks } from '../../../demo/slack/validate/surfaces.ts';
import type { Json } from '../../../demo/slack/json.ts';
import { summaryOf } from '../../../src/k8s/records/reboot-summary.ts';
import type { CardData } from '../../../src/reboot/card/card-facts.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aNode, at, noon } from '../../fakes/builders.ts';
import { failed, settling } from '../../fakes/states.ts';
import { aCard, cardDraining } from '../fixtures/cards.ts';

const run = { since: at(0), until: at(10 * minute), askedAt: at(0), said: 'says not yet: <ceph> rebalances' };
const asked = {
  before: aCard({ state: cardDraining({ beforeHook: { ...run, pods: 14 } }) }),
  after: aCard({ state: settling({ healthySince: at(0), afterHook: run }) }),
};
const passed = aCard({
  state: cardDraining({ beforeHook: { ...run, pods: 14, endedAt: at(10 * minute) } }),
  history: [
    { at: at(10 * minute), what: 'hook-failed', reason: 'The hook before the reboot says no. It goes on.' },
  ],
});
const failure = aCard({
  state: failed({
    code: 'hook-failed',
    sentence: 'The hook before the reboot says no: no backup.',
    from: cardDraining({ beforeHook: { ...run, pods: 14 } }),
  }),
});

/** Times are for each reader's own clock. */
const text = (view: unknown): string => JSON.stringify(view).replaceAll(/<!date[^>]*>/g, '…');
const statusOf = ({ reboot }: CardData): string =>
  text(
    statusAnswer({
      cluster: 'prod-eu',
      nodes: 2,
      quiet: 0,
      rows: [{ reboot, phase: reboot.state.phase, blockers: [], approvalsNeeded: 1 }],
      pauses: [],
      heardAt: noon,
      now: noon,
    }),
  );
const whyOf = ({ reboot }: CardData): string =>
  text(
    whyAnswer({
      cluster: 'prod-eu',
      node: aNode(),
      pool: 'workers',
      asks: 'yes',
      reboot,
      blockers: [],
      asked: [],
      now: noon,
    }),
  );
const said = 'says not yet: &lt;ceph&gt; rebalances.';

describe('a hook', () => {
  it('before the order is told wherever people look, in its own words, escaped', () => {
    const sentence = `Its pods are gone. Waits for the hook before the reboot, until … at most. The hook before the reboot ${said}`;
    for (const shown of [text(card(asked.before)), text(progress(asked.before)), whyOf(asked.before)])
      expect(shown).toContain(sentence);
    expect(text(card(asked.before))).toContain('worker-03 is drained and reboots soon');
    expect(text(card(asked.before))).toContain('tugboot.cancel');
    expect(statusOf(asked.before)).toContain('drained, waits for its hook');
    expect(summaryOf(asked.before.reboot.state)).toBe('hook says not yet: <ceph> rebalances');
  });

  it('after the proof is told in the same way', () => {
    const sentence = `It has proven itself. Waits for the hook after the reboot, until … at most. The hook after the reboot ${said}`;
    for (const shown of [text(card(asked.after)), text(progress(asked.after)), whyOf(asked.after)])
      expect(shown).toContain(sentence);
    expect(statusOf(asked.after)).toContain('proven, waits for its hook');
    expect(summaryOf(asked.after.reboot.state)).toBe('hook says not yet: <ceph> rebalances');
  });

  it('that the reboot goes on without is told on the card, and once in the thread', () => {
    expect(text(card(passed))).toContain(`It goes on without a hook. The hook before the reboot ${said}`);
    const told = replies(passed).filter(({ key }) => key.startsWith('hook-failed@'));
    expect(text(told.map(({ view }) => view))).toContain('The hook before the reboot says no. It goes on.');
  });

  it('that failed asks for a decision, and says what each of them does', () => {
    const shown = text(card(failure));
    expect(shown).toContain('worker-03 was stopped by a hook of its pool');
    expect(shown).toContain('The hook before the reboot says no: no backup.');
    expect(shown).toContain(
      'Nothing was rebooted. _Retry_ makes sure that it is empty, and asks the hook anew.',
    );
    expect(shown).toContain('tugboot.skip');
    expect(shown).not.toContain('tugboot.force');
    const after = {
      ...failure,
      reboot: { ...failure.reboot, state: failed({ code: 'hook-failed', from: settling() }) },
    };
    expect(text(card(after))).toContain('It has rebooted. _Retry_ watches it again, and asks the hook anew.');
  });

  it('is a message that Slack takes', () => {
    for (const data of [asked.before, asked.after, passed, failure])
      expect(checkBlocks(JSON.parse(JSON.stringify(card(data).blocks)) as Json, 'message')).toEqual([]);
  });
});
