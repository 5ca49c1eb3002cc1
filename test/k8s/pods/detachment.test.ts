import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BootTarget } from '../../../src/reboot/nodes/observation.ts';
import type { DrainEvent } from '../../../src/reboot/ports/cluster/drains.ts';
import type { DrainPolicy } from '../../../src/reboot/policy/policy.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { volumeHand, type VolumeHand } from '../../contracts/volume-hand.ts';
import { aDrainPolicy } from '../../fakes/builders.ts';
import { keepingLogger } from '../world/api.ts';
import { fastTime } from '../world/fast-time.ts';
import { makeDrainWorld, type KubeDrainWorld } from '../world/drain-world.ts';

/** What the contract (test/contracts/drain-contract.ts) cannot bring about on every API server. */
describe('the wait for volumes after a drain', () => {
  let world: KubeDrainWorld;
  let n1: BootTarget;
  let volumes: VolumeHand;
  const logger = keepingLogger();
  beforeEach(async () => {
    logger.lines.splice(0);
    // A second of waiting takes a twentieth of one.
    world = await makeDrainWorld({ logger, ...fastTime(20) });
    volumes = volumeHand((wanted) => world.ask(wanted));
    n1 = await world.addNode('n1');
    await world.cluster.cordon(n1, 'r1');
  });
  afterEach(() => world.close());

  async function drain(
    policy: Partial<DrainPolicy> = {},
    on?: (event: DrainEvent) => unknown,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<readonly DrainEvent[]> {
    const request = {
      target: n1,
      policy: aDrainPolicy(policy),
      startedAt: world.now(),
      deadline: world.now() + 10 * minute,
      last: [],
      force: false,
    };
    const events: DrainEvent[] = [];
    for await (const event of world.cluster.drain(request, signal)) {
      events.push(event);
      await on?.(event);
    }
    return events;
  }
  const told = (events: readonly DrainEvent[]): readonly string[] =>
    events.flatMap((event) => (event.kind === 'progress' ? event.progress.trouble : []));
  const asked = (part: string): number =>
    world.world.api.requests().filter(({ user, path }) => user === 'bot' && path.includes(part)).length;
  const detachOnce = (volume: string): ((event: DrainEvent) => Promise<void>) => {
    let done = false;
    return async (event) => {
      if (done || !told([event]).some((sentence) => sentence.includes(volume))) return;
      done = true;
      await volumes.detach('n1', volume);
    };
  };

  it('costs a node without volumes no request', async () => {
    await world.addPod('n1', 'web-0');
    await volumes.attach('n2', { volume: 'pv-far', claim: 'default/far' });
    await drain();
    expect(asked('volume')).toBe(0);
  });

  it('is taken up by a worker that saw none of the pods: the node says that it has volumes', async () => {
    const status = { volumesAttached: [{ name: 'kubernetes.io/csi/disk.example^pv-db', devicePath: '' }] };
    await world.ask({ method: 'PATCH', path: '/api/v1/nodes/n1/status', patch: 'merge', body: { status } });
    await volumes.attach('n1', { volume: 'pv-db', claim: 'default/data-db-0' });
    const events = await drain({}, detachOnce('pv-db'));
    expect(told(events)[0]).toContain('pv-db');
    expect(events.at(-1)?.kind).toBe('drained');
  });

  it('leaves the volumes of pods that the selector left out alone', async () => {
    await world.addPod('n1', 'db-0', { claim: 'data-db-0', labels: { app: 'db' } });
    await world.addPod('n1', 'web-0', { claim: 'data-web-0', labels: { app: 'web' } });
    await volumes.attach('n1', { volume: 'pv-db', claim: 'default/data-db-0' });
    await volumes.attach('n1', { volume: 'pv-web', claim: 'default/data-web-0' });
    const events = await drain({ podSelector: 'app=web' }, detachOnce('pv-web'));
    expect(told(events).some((sentence) => sentence.includes('pv-db'))).toBe(false);
    expect(told(events)[0]).toContain('pv-web');
  });

  it('takes note of volumes that turn up while it lasts', async () => {
    await world.addPod('n1', 'db-0', { claim: 'data-db-0' });
    await volumes.attach('n1', { volume: 'pv-db', claim: 'default/data-db-0' });
    let late = false;
    const detachFirst = detachOnce('pv-db');
    const detachSecond = detachOnce('pv-late');
    const events = await drain({}, async (event) => {
      if (!late && told([event]).length > 0) {
        late = true;
        await volumes.attach('n1', { volume: 'pv-late', claim: 'default/late' });
      }
      await detachFirst(event);
      await detachSecond(event);
    });
    expect(told(events).some((sentence) => sentence.includes('pv-late of default/late'))).toBe(true);
    expect(events.at(-1)?.kind).toBe('drained');
  });

  it('ends with the drain when the rights for it are missing, which is told in the log', async () => {
    await world.addPod('n1', 'db-0', { claim: 'data-db-0' });
    await volumes.attach('n1', { volume: 'pv-db', claim: 'default/data-db-0' });
    world.world.api.faults.add({ path: /volumeattachments/, do: { status: 403, body: 'no' } });
    expect((await drain()).at(-1)).toEqual({ kind: 'drained', pods: 1 });
    expect(logger.lines.find(({ message }) => message === 'drain does not wait for volumes')).toMatchObject({
      level: 'warn',
      fields: { node: 'n1' },
    });
  });

  it('goes on when the server fails for a while', async () => {
    await world.addPod('n1', 'db-0', { claim: 'data-db-0' });
    await volumes.attach('n1', { volume: 'pv-db', claim: 'default/data-db-0' });
    world.world.api.faults.add({ path: /volumeattachments/, times: 2, do: { status: 503, body: 'no' } });
    const events = await drain({}, detachOnce('pv-db'));
    expect(told(events)[0]).toContain('pv-db');
    expect(events.at(-1)?.kind).toBe('drained');
  });

  it('ends without a word when aborted, and the next worker waits on', async () => {
    await world.addPod('n1', 'db-0', { claim: 'data-db-0' });
    const status = { volumesAttached: [{ name: 'kubernetes.io/csi/disk.example^pv-db', devicePath: '' }] };
    await world.ask({ method: 'PATCH', path: '/api/v1/nodes/n1/status', patch: 'merge', body: { status } });
    await volumes.attach('n1', { volume: 'pv-db', claim: 'default/data-db-0' });
    const over = new AbortController();
    const stopped = await drain({}, (event) => void (told([event]).length > 0 && over.abort()), over.signal);
    expect(stopped.every(({ kind }) => kind === 'progress')).toBe(true);
    const events = await drain({}, detachOnce('pv-db'));
    expect(told(events)[0]).toContain('pv-db');
    expect(events.at(-1)?.kind).toBe('drained');
  });

  it('stops when somebody uncordons the node meanwhile', async () => {
    await world.addPod('n1', 'db-0', { claim: 'data-db-0' });
    await volumes.attach('n1', { volume: 'pv-db', claim: 'default/data-db-0' });
    let done = false;
    const events = await drain({}, async (event) => {
      if (done || told([event]).length === 0) return;
      done = true;
      await world.uncordonAsOther('n1');
    });
    expect(events.at(-1)).toMatchObject({ kind: 'failed', code: 'uncordoned-by-other' });
  });

  it('says in the log what it went on without', async () => {
    await world.addPod('n1', 'db-0', { claim: 'data-db-0' });
    await volumes.attach('n1', { volume: 'pv-db', claim: 'default/data-db-0' });
    await drain({ volumeDetachTimeout: 4 * second });
    expect(logger.lines).toContainEqual({
      level: 'warn',
      message: 'drain goes on with volumes attached',
      fields: expect.objectContaining({ node: 'n1', volumes: ['pv-db'] }),
    });
  });
});
