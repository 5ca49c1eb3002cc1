import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOlder, newAgentState, takeObject, type AgentState } from '../../src/agent/agent-state.ts';
import type { NodeAgent } from '../../src/agent/api/node-agent.ts';
import { meaningOf } from '../../src/agent/orders/order-receipt.ts';

const object = (resourceVersion: string, generation: number | undefined, endBoot?: string): NodeAgent => ({
  uid: 'u1',
  node: undefined,
  resourceVersion,
  generation,
  endBoot,
  whilePackagesChange: false,
  status: {},
});
const noted = { endBoot: 'boot', state: 'obeying', at: '2026-11-22T14:00:00.000Z', generation: 2 } as const;
const { generation: _unknown, ...unnumbered } = noted;

/** A state that has written its receipt, for the order of generation 2, in version 11. */
function obeyed(): AgentState {
  const state = newAgentState();
  takeObject(state, object('11', 2, 'boot'));
  return Object.assign(state, { receipt: noted });
}

/** An agent that was started on an object as it is stored. */
function restarted(stored: NodeAgent): AgentState {
  const state = newAgentState();
  takeObject(state, stored);
  return state;
}

describe('what the agent makes of the states of its object', () => {
  it('remembers from the stored status what it did before it was restarted', () => {
    expect(restarted({ ...object('7', 2, 'boot'), status: { order: noted } }).receipt).toEqual(noted);
  });

  it('takes the order for another one when it was withdrawn and given again before the restart', () => {
    const state = restarted({ ...object('9', 4, 'boot'), status: { order: noted } });
    expect(state.receipt).toBeUndefined();
  });

  it('believes a receipt without a generation while its order stands', () => {
    const stored = { ...object('9', 4, 'boot'), status: { order: unnumbered } };
    expect(restarted(stored).receipt).toEqual(unnumbered);
    expect(restarted({ ...stored, endBoot: undefined }).receipt).toBeUndefined();
  });

  it('forgets the receipt when the order is withdrawn after it', () => {
    const state = obeyed();
    takeObject(state, object('12', 3));
    takeObject(state, object('13', 4, 'boot'));
    expect(state.receipt).toBeUndefined();
  });

  it('keeps the receipt when it hears late of a withdrawal that came before it', () => {
    const state = obeyed();
    takeObject(state, object('9', 1));
    expect(state.receipt).toEqual(noted);
    expect(state.object?.resourceVersion).toBe('11');
  });

  it('keeps the receipt through changes that are none of the order', () => {
    const state = obeyed();
    takeObject(state, object('15', 2, 'boot'));
    expect(state.receipt).toEqual(noted);
  });

  it('forgets the receipt although it did not hear of the withdrawal, only of the new order', () => {
    const state = obeyed();
    takeObject(state, object('15', 4, 'boot'));
    expect(state.receipt).toBeUndefined();
    takeObject(state, object('13', 3));
    expect(state.object?.resourceVersion).toBe('15');
  });

  it('takes an object made anew for another one, whatever its version', () => {
    const state = obeyed();
    takeObject(state, { ...object('3', 1, 'boot'), uid: 'u2' });
    expect(state.receipt).toBeUndefined();
    expect(state.object?.uid).toBe('u2');
  });

  it('ends with the same answer whichever of the states between were heard, and however late', () => {
    const history = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.boolean()), (writes, heard) => {
        // Each write gives or withdraws the order; the receipt is that of generation 2.
        const states = writes.map((given, index) =>
          object(String(20 + index), index + 3, given ? 'boot' : undefined),
        );
        const state = obeyed();
        const last = states.at(-1);
        for (const one of states) if (one === last || heard.next().value) takeObject(state, one);
        for (const one of states) takeObject(state, one);
        expect(state.receipt).toBeUndefined();
        expect(state.object).toEqual(last);
      }),
    );
  });

  it('orders versions as numbers, and calls nothing older that is no number', () => {
    expect(isOlder('99', '100')).toBe(true);
    expect(isOlder('100', '99')).toBe(false);
    expect(isOlder('100', '100')).toBe(false);
    expect(isOlder('90071992547409931', '90071992547409932')).toBe(true);
    expect(isOlder('abc', '100')).toBe(false);
    expect(isOlder('1', undefined)).toBe(false);
  });
});

describe('what an order means', () => {
  it.each([
    ['for-us', undefined],
    ['obeyed', noted],
    ['obeyed', unnumbered],
    ['for-us', { ...noted, state: 'refused' }],
    ['for-us', { ...noted, state: 'failed' }],
    ['for-us', { ...noted, endBoot: 'an earlier one' }],
  ] as const)('is %s with the receipt %j', (meaning, receipt) => {
    expect(meaningOf({ endBoot: 'boot', bootId: 'boot', receipt })).toBe(meaning);
    expect(meaningOf({ endBoot: 'boot', bootId: 'another', receipt })).toBe('other-boot');
  });
});
