import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card/card.ts';
import { statusAnswer } from '../../../src/bot/views/answers/status-answer.ts';
import { progress } from '../../../src/bot/views/card/thread.ts';
import { whyAnswer } from '../../../src/bot/views/answers/why-answer.ts';
import { checkBlocks } from '../../../demo/slack/validate/surfaces.ts';
import type { Json } from '../../../demo/slack/json.ts';
import { second } from '../../../src/reboot/time/time.ts';
import { aNode, at, noon } from '../../fakes/builders.ts';
import { aCard, cardDraining } from '../fixtures/cards.ts';

const delay = { since: at(0), until: at(30 * second), over: false };
const waits = {
  drain: aCard({ state: cardDraining({ drainDelay: delay }) }),
  order: aCard({ state: cardDraining({ rebootDelay: { ...delay, pods: 14 } }) }),
};

/** Times are for each reader's own clock. */
const text = (view: unknown): string => JSON.stringify(view).replaceAll(/<!date[^>]*>/g, '…');

describe('a wait of the pool', () => {
  it('is told by /reboot why and /reboot status', () => {
    const { reboot } = waits.drain;
    const answer = whyAnswer({
      cluster: 'prod-eu',
      node: aNode(),
      pool: 'workers',
      asks: 'yes',
      reboot,
      blockers: [],
      asked: [],
      now: noon,
    });
    expect(text(answer)).toContain('is draining. Waits 30 s for the load balancers before the drain');
    const rows = [waits.drain, waits.order].map((data) => ({
      reboot: data.reboot,
      phase: data.reboot.state.phase,
      blockers: [],
      approvalsNeeded: 1,
    }));
    const view = { cluster: 'prod-eu', nodes: 2, quiet: 0, rows, pauses: [], heardAt: noon, now: noon };
    const told = text(statusAnswer(view));
    expect(told).toContain('cordoned, drains …');
    expect(told).toContain('drained, reboots …');
  });

  it('before the drain is told on the card and in the thread, and can be cancelled', () => {
    const shown = text(card(waits.drain));
    expect(shown).toContain('worker-03 is cordoned and drains soon');
    expect(shown).toContain('Waits 30 s for the load balancers before the drain, until …');
    expect(shown).toContain('tugboot.cancel');
    expect(text(progress(waits.drain))).toContain('Waits 30 s for the load balancers before the drain');
  });

  it('before the order is told on the card and in the thread, and can be cancelled', () => {
    const shown = text(card(waits.order));
    expect(shown).toContain('worker-03 is drained and reboots soon');
    expect(shown).toContain('Its pods are gone. Waits 30 s before the reboot, until …');
    expect(shown).toContain('tugboot.cancel');
    expect(text(progress(waits.order))).toContain('Its pods are gone. Waits 30 s before the reboot');
  });

  it('that is over is told no more', () => {
    const over = { ...delay, over: true };
    const shown = text(
      card(aCard({ state: cardDraining({ drainDelay: over, rebootDelay: { ...over, pods: 1 } }) })),
    );
    expect(shown).toContain('worker-03 is draining');
    expect(shown).not.toContain('Waits');
  });

  it('is a message that Slack takes', () => {
    for (const data of Object.values(waits))
      expect(checkBlocks(JSON.parse(JSON.stringify(card(data).blocks)) as Json, 'message')).toEqual([]);
  });
});
