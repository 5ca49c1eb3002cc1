import { describe, expect, it } from 'vitest';
import { createOutages } from '../src/lifecycle/outages.ts';
import type { Ledger } from '../src/reboot/ports/stores.ts';

type LedgerEvent = Parameters<Ledger['record']>[0];
import { minute, second } from '../src/reboot/time/time.ts';
import { fakeClock } from './fakes/fake-clock.ts';
import { silentLogger } from './fakes/silent-logger.ts';

function bench() {
  const clock = fakeClock();
  const told: LedgerEvent[] = [];
  const state = { ok: true, refuses: false, flawed: false };
  const look = createOutages({
    clock,
    logger: silentLogger,
    record: async (event) => {
      if (state.refuses) throw new Error('the API server is away');
      told.push(event);
    },
    parts: [
      {
        name: 'slack',
        reason: 'Slack',
        health: () =>
          state.ok
            ? { ok: true }
            : {
                ok: false,
                why: 'Slack has not been connected for 2 min.',
                ...(state.flawed ? { flaw: true } : {}),
              },
      },
    ],
  });
  const pass = async (span: number): Promise<void> => {
    clock.set(clock.now() + span);
    await look();
  };
  return { told, state, pass };
}

describe('what the bot can do without', () => {
  it('is told as an Event once when it has been away for a minute, and once when it is back', async () => {
    const { told, state, pass } = bench();
    await pass(0);
    state.ok = false;
    await pass(0);
    await pass(30 * second);
    expect(told).toEqual([]);
    await pass(30 * second);
    await pass(10 * minute);
    expect(told).toMatchObject([
      {
        type: 'Warning',
        reason: 'SlackUnreachable',
        note: expect.stringContaining('not been connected') as string,
      },
    ]);
    state.ok = true;
    await pass(minute);
    await pass(minute);
    expect(told.slice(1)).toMatchObject([
      { type: 'Normal', reason: 'SlackReachable', note: 'It was away for 12 min.' },
    ]);
    expect(new Set(told.map(({ key }) => key)).size).toBe(2);
  });

  it('is not told of as unreachable when it is there and something about it should be mended', async () => {
    const { told, state, pass } = bench();
    Object.assign(state, { ok: false, flawed: true });
    await pass(0);
    await pass(10 * minute);
    expect(told).toEqual([]);
    state.flawed = false;
    await pass(minute);
    await pass(minute);
    state.flawed = true;
    await pass(minute);
    expect(told.map(({ reason }) => reason)).toEqual(['SlackUnreachable', 'SlackReachable']);
  });

  it('is not told when it was a short gap', async () => {
    const { told, state, pass } = bench();
    state.ok = false;
    await pass(0);
    state.ok = true;
    await pass(30 * second);
    expect(told).toEqual([]);
  });

  it('is told when the API server takes Events again', async () => {
    const { told, state, pass } = bench();
    state.ok = false;
    state.refuses = true;
    await pass(0);
    await pass(2 * minute);
    expect(told).toEqual([]);
    state.refuses = false;
    await pass(minute);
    expect(told).toMatchObject([{ reason: 'SlackUnreachable' }]);
  });
});
