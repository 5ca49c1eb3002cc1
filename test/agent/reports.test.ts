import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fakeClock } from '../fakes/fake-clock.ts';
import { kindOf, type SmallApi, type SmallApiOptions } from './api/small-api.ts';
import { harness, type Harness, type HarnessOptions } from './start-agent.ts';
import { tempHost } from './host/temp-host.ts';

const said = ({ log }: Harness, message: string): number => log.filter((line) => line === message).length;
const required = ({ api }: Harness): unknown => api.object?.status?.['required'];

async function ready(options: HarnessOptions = {}): Promise<Harness> {
  const world = await harness(options);
  world.api.create();
  await world.start();
  await world.until(() => required(world) === 'no' && world.api.watching === 1, 'the first report');
  return world;
}

describe('the report', () => {
  it('is written when the bot has made the object, heard of by the watch and not by asking again', async () => {
    const world = await harness();
    await world.start();
    await world.until(() => world.api.watching === 1, 'the watch');
    expect(world.api.count('PATCH status')).toBe(0);
    world.api.create();
    await world.until(() => required(world) === 'no', 'the report');
    expect(world.api.count('GET own')).toBe(1);
    expect(world.api.object?.status).toMatchObject({ agent: '1.2.3', packages: [], packagesLeftOut: 0 });
  });

  it('is not written again by an agent that finds the same one stored', async () => {
    const world = await harness();
    world.api.create();
    const first = await world.start();
    await world.until(() => required(world) === 'no' && world.api.watching === 1, 'the first report');
    await first.stop();
    await world.until(() => world.api.watching === 0, 'the end of the first agent');
    await world.start();
    await world.until(() => world.api.watching === 1, 'the second agent');
    world.host.require('libc6\n');
    await world.until(() => required(world) === 'yes', 'the next report');
    expect(world.api.count('PATCH status')).toBe(2);
  });

  it('follows the sentinel as it comes and goes, with one write each', async () => {
    const world = await ready();
    for (const round of [1, 2, 3]) {
      world.host.require(`libc6\npackage-${round}\n`);
      await world.until(() => required(world) === 'yes', 'the yes');
      expect(world.api.object?.status?.['packages']).toEqual([
        { name: 'libc6' },
        { name: `package-${round}` },
      ]);
      rmSync(world.host.path('run/reboot-required'));
      await world.until(() => required(world) === 'no', 'the no');
      expect(world.api.object?.status).not.toHaveProperty('requiredSince');
    }
    expect(world.api.count('PATCH status')).toBe(7);
  });

  it('is written at once, and seldom while the files flap; the last change is never lost', async () => {
    const timers = fakeClock();
    const world = await ready({ timers });
    const debounce = 40;
    for (let change = 1; change <= 60; change += 1) {
      world.host.require(`package-${change}\n`);
      await timers.untilWaiting(debounce);
      const writes = world.api.count('PATCH status');
      timers.advance(debounce);
      // The first few are not delayed.
      if (change <= 5) await world.until(() => world.api.count('PATCH status') > writes, 'the report');
      // Long enough for an agent that writes each change.
      else
        for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
    }
    expect(world.api.count('PATCH status')).toBeLessThan(12);
    timers.advance(30_000);
    const named = (): unknown => world.api.object?.status?.['packages'];
    await world.until(() => JSON.stringify(named()).includes('package-60'), 'the last report');
  });

  it('becomes unknown when the directory vanishes, and is right again when it returns', async () => {
    const world = await ready();
    world.host.remove('run');
    await world.until(() => required(world) === 'unknown', 'the unknown');
    expect(world.api.object?.status?.['reason']).toBe("The host's directory run is not there");
    world.host.directory('run');
    await world.until(() => required(world) === 'no', 'the no');
    expect(world.api.object?.status).not.toHaveProperty('reason');
    await world.until(
      () => said(world, 'the directory of the sentinel is watched again') === 1,
      'the new watch',
    );
    world.host.require('libc6\n');
    await world.until(() => required(world) === 'yes', 'the yes');
  });

  it('comes from a slow look where no event tells: a new kernel, for instance', async () => {
    const timers = fakeClock();
    const world = await ready({ timers });
    world.host.write('boot/vmlinuz-6.8.0-111-generic');
    await timers.untilWaiting(60_000);
    timers.advance(60_000);
    const newest = (): unknown =>
      (world.api.object?.status?.['kernel'] as { newest?: string } | undefined)?.newest;
    await world.until(() => newest() === '6.8.0-111-generic', 'the new kernel');
  });

  it('is written anew when somebody else has written over it', async () => {
    const world = await ready();
    world.api.meddle({ required: 'yes', packages: [{ name: 'planted' }] });
    await world.until(() => required(world) === 'no', 'the own report');
    expect(world.api.object?.status?.['packages']).toEqual([]);
  });

  it('is not written over and over to a server that keeps less than it was given', async () => {
    const world = await ready({ api: { keep: ({ required: kept }) => ({ required: kept }) } });
    await world.until(
      () => said(world, 'the API server stored another report than it was given') === 1,
      'the remark',
    );
    world.host.require('libc6\n');
    await world.until(() => required(world) === 'yes', 'the next report');
    expect(world.api.count('PATCH status')).toBe(2);
  });

  it('is tried again, with one log line for the trouble, until it is stored', async () => {
    const timers = fakeClock();
    let failures = 3;
    const before = (heard: Parameters<typeof kindOf>[0]): { status: number; message: string } | undefined => {
      if (kindOf(heard) !== 'PATCH status' || failures === 0) return undefined;
      failures -= 1;
      return { status: 500, message: 'etcdserver: request timed out' };
    };
    const world = await harness({ api: { before }, timers });
    world.api.create();
    await world.start();
    for (const wait of [375, 750, 1500]) {
      await timers.untilWaiting(wait);
      timers.advance(wait);
    }
    await world.until(() => said(world, 'reporting works again') === 1, 'the report');
    expect(required(world)).toBe('no');
    expect(said(world, 'reporting failed; trying again')).toBe(1);
  });

  it.each([409, 412])(
    'is made good when somebody else was faster at its write, and the server says so with %i',
    async (status) => {
      const timers = fakeClock();
      let isFirst = true;
      const before: SmallApiOptions['before'] = (heard, api) => {
        if (kindOf(heard) !== 'PATCH status' || !isFirst) return undefined;
        isFirst = false;
        api.meddle({ required: 'yes', packages: [{ name: 'planted' }] });
        return { status, message: 'the object has been modified' };
      };
      const world = await harness({ api: { before }, timers });
      world.api.create();
      await world.start();
      await timers.untilWaiting(375);
      expect(required(world)).toBe('yes');
      timers.advance(375);
      await world.until(() => required(world) === 'no', 'the own report');
      expect(world.api.object?.status?.['packages']).toEqual([]);
      expect(world.api.count('PATCH status')).toBe(2);
      expect(said(world, 'reporting failed; trying again')).toBe(1);
    },
  );
});

describe('the watch on the own object', () => {
  const renewals: readonly (readonly [string, (api: SmallApi) => void, number])[] = [
    ['ended by the server', (api) => api.endWatches('clean'), 375],
    ['broken', (api) => api.endWatches('broken'), 375],
    [
      'with an error event',
      (api) => api.send('{"type":"ERROR","object":{"code":410,"message":"too old"}}'),
      375,
    ],
    ['with rubbish', (api) => api.send('{"type":'), 375],
    ['that is too old', (api) => (api.compact(), api.endWatches('broken')), 375],
  ];
  it.each(renewals)('%s is begun again, and misses nothing', async (_case, disturb, wait) => {
    const timers = fakeClock();
    const world = await ready({ timers });
    disturb(world.api);
    await world.until(() => world.api.watching === 0, 'the end of the watch');
    world.api.order('another boot');
    for (let watches = 1; world.api.watching === 0; watches += 1) {
      await timers.untilWaiting(wait);
      timers.advance(wait);
      const before = watches;
      await world.until(() => world.api.count('WATCH') > before, 'the next watch');
    }
    await world.until(() => said(world, 'the order is for another boot: ignored') === 1, 'the event');
  });

  it('is not waited for long any more when the server answers again after an outage', async () => {
    const timers = fakeClock();
    let answers: 'nothing' | 'forbidden' | 'all' = 'all';
    const before = () =>
      answers === 'forbidden' ? { status: 403, message: 'roles are not read yet' } : undefined;
    const world = await ready({ timers, api: { before } });
    const next = async (wait: number): Promise<void> => {
      await timers.untilWaiting(wait);
      timers.advance(wait);
    };
    answers = 'nothing';
    await world.api.down();
    // Longer and longer, up to a quarter of a minute.
    for (const wait of [375, 750, 1500, 3000, 6000, 11_250]) await next(wait);
    await timers.untilWaiting(11_250);
    answers = 'forbidden';
    await world.api.up();
    timers.advance(11_250);
    await timers.untilWaiting(375);
    answers = 'all';
    timers.advance(375);
    await world.until(() => world.api.watching === 1, 'the watch');
  });

  it('that says nothing for too long is begun again', async () => {
    const timers = fakeClock();
    const world = await ready({ timers });
    world.api.bookmark();
    await timers.untilWaiting(150_000);
    timers.advance(150_000);
    await world.until(
      () => world.api.count('WATCH') === 2 || world.api.watching === 0,
      'the end of the watch',
    );
    await timers.untilWaiting(375);
    timers.advance(375);
    await world.until(() => world.api.watching === 1, 'the next watch');
    expect(said(world, 'own object cannot be watched; trying again')).toBe(1);
  });

  it('goes on from the last bookmark', async () => {
    const world = await ready();
    world.api.bookmark();
    const bookmark = world.api.bookmark();
    await world.api.flush();
    world.api.endWatches('clean');
    await world.until(() => world.api.count('WATCH') === 2, 'the next watch');
    const watches = world.api.heard.filter((heard) => kindOf(heard) === 'WATCH');
    expect(watches.at(-1)?.query.get('resourceVersion')).toBe(bookmark);
    expect(watches.at(-1)?.query.get('fieldSelector')).toBe('metadata.name=n1');
    expect(world.api.count('GET own')).toBe(1);
  });

  it('asks for the token anew when the server refuses it', async () => {
    let token = 'first';
    const files = tempHost();
    files.write('token', `${token}\n`);
    const world = await ready({ api: { token: () => token }, tokenFile: files.path('token') });
    token = 'second';
    writeFileSync(files.path('token'), token);
    world.host.require('libc6\n');
    await world.until(() => required(world) === 'yes', 'the report');
    expect(said(world, 'reporting failed; trying again')).toBe(0);
  });
});

describe('an agent with nothing to do', () => {
  it('asks nothing and writes nothing', async () => {
    const timers = fakeClock();
    const world = await ready({ timers });
    const before = world.api.heard.length;
    for (let minute = 0; minute < 10; minute += 1) {
      world.api.bookmark();
      await timers.untilWaiting(150_000);
      await timers.untilWaiting(60_000);
      timers.advance(60_000);
    }
    expect(world.api.heard.length).toBe(before);
  });
});

describe('signals beside the sentinel', () => {
  const asking = ({ api }: Harness): unknown => api.object?.status?.['asking'];

  it('are followed by events where they lie in its directory', async () => {
    const world = await ready();
    world.host.write('run/reboot-needed', 'kexec\n');
    await world.until(() => asking(world) === 'suse', 'the yes');
    expect(required(world)).toBe('no');
    world.host.remove('run/reboot-needed');
    await world.until(() => asking(world) === undefined, 'the no');
    expect(world.api.count('PATCH status')).toBe(3);
  });

  it('are found by the slow look where they lie elsewhere', async () => {
    const timers = fakeClock();
    const world = await ready({ timers });
    world.host.remove('lib/modules/6.8.0-45-generic');
    world.host.directory('lib/modules/6.8.0-49-generic');
    await timers.untilWaiting(60_000);
    timers.advance(60_000);
    await world.until(() => asking(world) === 'modules', 'the yes');
  });
});

describe('signals that are commands', () => {
  const signal = ({ api }: Harness, name: string): unknown =>
    (api.object?.status?.['signals'] as { name: string }[] | undefined)?.find((each) => each.name === name);

  it('stand in the report when they have answered, and follow what they say', async () => {
    const host = tempHost();
    const check = host.path('check');
    host.write('check', '#!/bin/sh\nexit 1\n');
    chmodSync(check, 0o755);
    const timing = { timeout: 10_000, every: 40 };
    const commands = [{ name: 'mine', command: [check], yes: [0], no: [1], ...timing }] as const;
    const world = await harness({ commands });
    world.api.create();
    await world.start();
    await world.until(() => signal(world, 'mine') !== undefined, 'the first answer');
    expect(signal(world, 'mine')).toEqual({ name: 'mine', required: 'no' });
    const writes = world.api.count('PATCH status');
    expect(world.api.object?.status).not.toHaveProperty('asking');
    writeFileSync(check, '#!/bin/sh\necho firmware\nexit 0\n');
    await world.until(() => world.api.object?.status?.['asking'] === 'mine', 'the yes');
    expect(signal(world, 'mine')).toEqual({ name: 'mine', required: 'yes', reason: 'firmware' });
    expect(required(world)).toBe('no');
    // The command has run many times; each distinct reading was written once.
    expect(world.api.count('PATCH status')).toBe(writes + 1);
  });
});
