import { describe, expect, it } from 'vitest';
import { isOlder, newAgentState, takeObject, type AgentState } from '../../src/agent/agent-state.ts';
import type { NodeAgent } from '../../src/agent/node-agent.ts';

const object = (resourceVersion: string, endBoot?: string, uid = 'u1'): NodeAgent => ({
  uid,
  resourceVersion,
  endBoot,
  status: {},
});
const receipt = { endBoot: 'boot', state: 'obeying', at: '2026-11-22T14:00:00.000Z' } as const;

/** A state that has written its receipt in version 11. */
function obeyed(): AgentState {
  const state = newAgentState();
  takeObject(state, object('11', 'boot'));
  return Object.assign(state, { receipt, obeyedIn: '11' });
}

describe('what the agent makes of the states of its object', () => {
  it('remembers from the stored status what it did before it was restarted', () => {
    const state = newAgentState();
    takeObject(state, { ...object('7', 'boot'), status: { order: receipt } });
    expect(state.receipt).toEqual(receipt);
  });

  it('forgets the receipt when the order is withdrawn after it', () => {
    const state = obeyed();
    takeObject(state, object('12'));
    takeObject(state, object('13', 'boot'));
    expect(state.receipt).toBeUndefined();
  });

  it('keeps the receipt when it hears late of a withdrawal that came before it', () => {
    const state = obeyed();
    takeObject(state, object('9'));
    expect(state.receipt).toEqual(receipt);
    expect(state.object?.resourceVersion).toBe('11');
  });

  it('forgets the receipt even when the withdrawal is heard of after a later write of its own', () => {
    const state = obeyed();
    takeObject(state, object('15', 'boot'));
    takeObject(state, object('13'));
    expect(state.receipt).toBeUndefined();
    expect(state.object?.resourceVersion).toBe('15');
  });

  it('takes an object made anew for another one, whatever its version', () => {
    const state = obeyed();
    takeObject(state, object('3', 'boot', 'u2'));
    expect(state.receipt).toBeUndefined();
    expect(state.object?.uid).toBe('u2');
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
