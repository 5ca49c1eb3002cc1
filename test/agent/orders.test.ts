import { describe, expect, it } from 'vitest';
import { fakeClock } from '../fakes/fake-clock.ts';
import { kindOf, type Heard, type SmallApi } from './api/small-api.ts';
import { harness, type Harness, type HarnessOptions } from './start-agent.ts';
import { bootOne, bootTwo } from './host/temp-host.ts';

const said = ({ log }: Harness, message: string): number => log.filter((line) => line === message).length;
const withdrawn = 'no order stands any more';
const obeying = { endBoot: bootOne, state: 'obeying', at: '2026-11-22T12:00:00.000Z' };

/** An agent whose first report is stored, on a cordoned node. */
async function ready(options: HarnessOptions = {}): Promise<Harness> {
  const world = await harness(options);
  world.api.cordoned = true;
  world.api.create();
  await world.start();
  await world.until(
    () => world.api.object?.status !== undefined && world.api.watching === 1,
    'the first report',
  );
  return world;
}

describe('an order for this boot, on a cordoned node', () => {
  it('is obeyed once, and the receipt is stored before the host is asked', async () => {
    const world = await ready();
    world.api.order(bootOne);
    await world.until(() => said(world, 'the host was asked to reboot') === 1, 'the reboot');
    expect(world.attempts).toEqual([
      { endBoot: bootOne, state: 'obeying', at: expect.stringMatching(/Z$/) as string, generation: 2 },
    ]);
    expect(world.receipt()).toEqual(world.attempts[0]);
  });

  it('is not obeyed twice, whatever else happens on the node', async () => {
    const world = await ready();
    world.api.order(bootOne);
    await world.until(() => world.attempts.length === 1, 'the reboot');
    world.host.require('libc6\n');
    await world.until(() => world.api.object?.status?.['required'] === 'yes', 'the next report');
    expect(world.attempts).toHaveLength(1);
    expect(world.receipt()?.state).toBe('obeying');
  });

  it('is not obeyed again by an agent that was restarted', async () => {
    const world = await ready();
    world.api.order(bootOne);
    await world.until(() => world.attempts.length === 1, 'the reboot');
    const writes = world.api.count('PATCH status');
    const reads = world.api.count('GET own');
    await world.start();
    await world.until(
      () => world.api.count('GET own') > reads && world.api.watching === 2,
      'the second agent',
    );
    world.host.require('libc6\n');
    await world.until(() => world.api.count('PATCH status') > writes, 'a report of the second agent');
    expect(world.attempts).toHaveLength(1);
  });

  it('is not obeyed again on the word of a receipt that knows no generation', async () => {
    const world = await harness();
    world.api.cordoned = true;
    world.api.create({ endBoot: bootOne }, { order: obeying });
    await world.start();
    await world.until(() => world.api.object?.status?.['bootId'] === bootOne, 'the report');
    expect(world.attempts).toEqual([]);
    expect(world.receipt()).toEqual(obeying);
  });

  it('is obeyed if it already stood when the agent started', async () => {
    const world = await harness();
    world.api.cordoned = true;
    world.api.create({ endBoot: bootOne });
    await world.start();
    await world.until(() => world.attempts.length === 1, 'the reboot');
  });

  it('is not obeyed when its receipt cannot be stored', async () => {
    let broken = false;
    const timers = fakeClock();
    const before = (heard: Heard): { status: number; message: string } | undefined =>
      broken && kindOf(heard) === 'PATCH status'
        ? { status: 500, message: 'etcdserver: no leader' }
        : undefined;
    const world = await ready({ api: { before }, timers });
    broken = true;
    world.api.order(bootOne);
    await world.until(() => said(world, 'reporting failed; trying again') === 1, 'the failed write');
    expect(world.attempts).toEqual([]);
    broken = false;
    timers.advance(1_000);
    await world.until(() => world.attempts.length === 1, 'the reboot');
    expect(world.attempts[0]?.state).toBe('obeying');
  });
});

describe('an order that is withdrawn', () => {
  it('leaves no receipt, and given again it is obeyed again', async () => {
    const world = await ready();
    for (const count of [1, 2, 3]) {
      world.api.order(bootOne);
      await world.until(() => world.attempts.length === count, `reboot ${count}`);
      world.api.order(undefined);
      await world.until(() => world.receipt() === undefined, 'the receipt to go');
    }
  });

  it('and given again in the same breath is obeyed again', async () => {
    const world = await ready();
    world.api.order(bootOne);
    await world.until(() => said(world, 'the host was asked to reboot') === 1, 'the reboot');
    world.api.order(undefined);
    world.api.order(bootOne);
    await world.until(() => world.attempts.length === 2, 'the second reboot');
  });

  it('and given again while the agent was away is obeyed by the one that comes', async () => {
    const world = await ready();
    world.api.order(bootOne);
    await world.until(() => said(world, 'the host was asked to reboot') === 1, 'the reboot');
    await world.stop();
    world.api.order(undefined);
    world.api.order(bootOne);
    expect(world.receipt()).toMatchObject({ state: 'obeying', generation: 2 });
    await world.start();
    await world.until(() => world.attempts.length === 2, 'the second reboot');
    expect(world.attempts[1]).toMatchObject({ endBoot: bootOne, state: 'obeying', generation: 4 });
  });

  it('and given again unseen by the watch is obeyed again', async () => {
    const timers = fakeClock();
    const world = await ready({ timers });
    world.api.order(bootOne);
    await world.until(() => said(world, 'the host was asked to reboot') === 1, 'the reboot');
    world.api.endWatches('broken');
    world.api.order(undefined);
    world.api.order(bootOne);
    world.api.compact();
    // The watch is refused with a 410, and begun anew with a read: the withdrawal is in neither.
    for (const wait of [375, 375]) {
      await timers.untilWaiting(wait);
      timers.advance(wait);
    }
    await world.until(() => world.attempts.length === 2, 'the second reboot');
    expect(world.attempts[1]).toMatchObject({ generation: 4 });
  });

  it('and given again while the receipt is written is carried out once, as the new one', async () => {
    let renewed = false;
    const before = (heard: Heard, api: SmallApi): undefined => {
      if (renewed || !heard.body.includes('obeying')) return;
      renewed = true;
      api.order(undefined);
      api.order(bootOne);
    };
    const world = await ready({ api: { before } });
    world.api.order(bootOne);
    await world.until(() => said(world, 'the host was asked to reboot') === 1, 'the reboot');
    expect(world.attempts).toMatchObject([{ state: 'obeying', generation: 4 }]);
  });

  it('between the look at the node and the receipt is not carried out', async () => {
    const before = (heard: Heard, api: SmallApi): undefined => {
      if (kindOf(heard) === 'GET node') api.order(undefined);
    };
    const world = await ready({ api: { before } });
    world.api.order(bootOne);
    await world.until(
      () => world.api.count('GET node') === 1 && world.receipt() === undefined,
      'the withdrawal',
    );
    world.host.require('libc6\n');
    await world.until(() => world.api.object?.status?.['required'] === 'yes', 'the next report');
    expect(world.attempts).toEqual([]);
  });

  it('while the receipt is written is not carried out', async () => {
    const before = (heard: Heard, api: SmallApi): undefined => {
      if (heard.body.includes('obeying') && api.object?.spec?.endBoot !== undefined) api.order(undefined);
    };
    const world = await ready({ api: { before } });
    world.api.order(bootOne);
    const message = 'the order was withdrawn before it was carried out';
    await world.until(() => said(world, message) === 1 && world.receipt() === undefined, 'the withdrawal');
    expect(world.attempts).toEqual([]);
  });

  it('ends the attempts of a host that refuses', async () => {
    const timers = fakeClock();
    const world = await ready({ timers });
    world.answers.push({ asked: false, why: 'no' }, { asked: false, why: 'no' });
    world.api.order(bootOne);
    await world.until(() => world.receipt()?.state === 'failed', 'the failure');
    world.api.order(undefined);
    await world.until(() => world.receipt() === undefined, 'the receipt to go');
    timers.advance(600_000);
    world.host.require('libc6\n');
    timers.advance(60_000);
    await world.until(() => world.api.object?.status?.['required'] === 'yes', 'the next report');
    expect(world.attempts).toHaveLength(1);
  });

  it('goes with its object', async () => {
    const world = await ready();
    world.api.order(bootOne);
    await world.until(() => world.attempts.length === 1, 'the reboot');
    world.api.remove();
    world.api.create();
    const reported = (): boolean => world.api.object?.status !== undefined && world.receipt() === undefined;
    await world.until(reported, 'a report without a receipt in the new object');
    expect(world.attempts).toHaveLength(1);
  });
});

describe('an order for another boot', () => {
  it('is ignored: the node has booted since', async () => {
    const world = await ready();
    world.api.order(bootTwo);
    await world.until(() => said(world, 'the order is for another boot: ignored') === 1, 'the remark');
    expect(world.attempts).toEqual([]);
    expect(world.receipt()).toBeUndefined();
    expect(world.api.count('GET node')).toBe(0);
  });

  it('keeps the receipt of the boot that was ended, until the order is withdrawn', async () => {
    const world = await harness();
    const receipt = { endBoot: bootTwo, state: 'obeying', at: '2026-11-22T12:00:00.000Z' };
    world.api.create({ endBoot: bootTwo }, { order: receipt });
    await world.start();
    await world.until(() => world.api.object?.status?.['bootId'] === bootOne, 'the report of the new boot');
    expect(world.receipt()).toEqual(receipt);
    world.api.order(undefined);
    await world.until(() => world.receipt() === undefined, 'the receipt to go');
    expect(world.attempts).toEqual([]);
  });

  it('is not obeyed although the last report named that boot: the boot is read at that moment', async () => {
    const world = await ready();
    world.host.write('proc/boot_id', bootTwo);
    world.api.order(bootOne);
    await world.until(() => said(world, 'the order is for another boot: ignored') === 1, 'the remark');
    expect(world.attempts).toEqual([]);
  });

  it('is not obeyed when the boot changes while the receipt is written', async () => {
    const world: Harness = await ready({
      api: {
        before(heard) {
          if (kindOf(heard) === 'GET node') world.host.write('proc/boot_id', bootTwo);
          return undefined;
        },
      },
    });
    world.api.order(bootOne);
    await world.until(
      () => said(world, 'the order does not stand any more for this boot') === 1,
      'the remark',
    );
    expect(world.attempts).toEqual([]);
  });
});

describe('an order for a node that is not cordoned', () => {
  it('is refused with a receipt, once', async () => {
    const world = await ready();
    world.api.cordoned = false;
    world.api.order(bootOne);
    await world.until(() => world.receipt()?.state === 'refused', 'the refusal');
    await world.until(() => world.api.count('GET node') === 2, 'the look that follows the own write');
    expect(world.receipt()).toMatchObject({ endBoot: bootOne, message: 'The node is not cordoned' });
    expect(world.attempts).toEqual([]);
    expect(said(world, 'the order is refused: the node is not cordoned')).toBe(1);
  });

  it('is obeyed once the node is cordoned, without anything else happening', async () => {
    const timers = fakeClock();
    const world = await ready({ timers });
    world.api.cordoned = false;
    world.api.order(bootOne);
    await world.until(() => world.api.count('GET node') === 2, 'the refusal and the look after it');
    const looks = world.api.count('GET node');
    world.api.cordoned = true;
    await timers.untilWaiting(60_000);
    timers.advance(60_000);
    await world.until(() => world.attempts.length === 1, 'the reboot');
    expect(world.api.count('GET node')).toBe(looks + 1);
  });

  it('is obeyed when it is given again after the cordon', async () => {
    const world = await ready();
    world.api.cordoned = false;
    world.api.order(bootOne);
    await world.until(() => world.receipt()?.state === 'refused', 'the refusal');
    world.api.cordoned = true;
    world.api.order(undefined);
    world.api.order(bootOne);
    await world.until(() => world.attempts.length === 1, 'the reboot');
    expect(said(world, withdrawn)).toBeLessThanOrEqual(1);
  });
});

describe('a host that refuses to reboot', () => {
  it('is told about, and asked again with growing waits while the order stands', async () => {
    const timers = fakeClock();
    const world = await ready({ timers });
    const why = 'Signal 39 to the host’s first process failed: EPERM';
    world.answers.push({ asked: false, why }, { asked: false, why });
    world.api.order(bootOne);
    await world.until(() => world.receipt()?.state === 'failed', 'the failure');
    expect(world.receipt()).toMatchObject({ endBoot: bootOne, message: why });
    // Half of each wait is jitter, and the random number is 0.5 here: three quarters of 5 s, then of 10 s.
    for (const [attempt, wait] of [
      [2, 3_750],
      [3, 7_500],
    ] as const) {
      await timers.untilWaiting(wait);
      timers.advance(wait);
      await world.until(() => world.attempts.length === attempt, `attempt ${attempt}`);
      expect(world.attempts.at(-1)?.state).toBe('obeying');
    }
    await world.until(() => said(world, 'the host was asked to reboot') === 1, 'the reboot');
    expect(world.receipt()?.state).toBe('obeying');
  });

  it('is not asked earlier because something else changed', async () => {
    const timers = fakeClock();
    const world = await ready({ timers });
    world.answers.push({ asked: false, why: 'no' });
    world.api.order(bootOne);
    await world.until(() => world.receipt()?.state === 'failed', 'the failure');
    world.host.require('libc6\n');
    await timers.untilWaiting(40);
    timers.advance(40);
    await world.until(() => world.api.object?.status?.['required'] === 'yes', 'the next report');
    expect(world.attempts).toHaveLength(1);
  });
});
