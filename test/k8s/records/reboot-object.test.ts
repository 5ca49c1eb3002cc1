import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newRebootObject, readReboot } from '../../../src/k8s/records/reboot-object.ts';
import { aDecision, aNeed, aReboot, at } from '../../fakes/builders.ts';
import { draining, givenUp } from '../../fakes/states.ts';
import { startApiWorld } from '../world/api.ts';
import { arbitraryReboot } from './arbitrary-reboot.ts';
import { readBack, storedObject } from './stored-object.ts';
import { runsOf } from '../../property-runs.ts';

/** Texts of ten thousand characters, as they are stored. */
const cutAt = (bound: number): string => `${'y'.repeat(bound - 1)}…`;

describe('a Reboot as a custom resource', () => {
  it('reads back as what was written, in every phase', () => {
    fc.assert(
      fc.property(arbitraryReboot, (reboot) => {
        expect(readBack(storedObject(reboot))).toEqual(reboot);
      }),
      { numRuns: runsOf(100) },
    );
  });

  it('cuts a text at the bound of its field, so that it can be stored at all', async () => {
    const world = await startApiWorld();
    const { store } = world.connect();
    const long = 'y'.repeat(10_000);
    const asked = aReboot({
      need: { ...aNeed(), riskDigest: long, packages: [{ name: long, risk: 'other' }] },
      state: { phase: 'Pending', since: at(0), approvals: [] },
    });
    const created = await store.create(asked);
    if (typeof created === 'string') throw new Error(created);
    const by = { kind: 'kubernetes', name: long } as const;
    const failed = await store.save({
      ...created,
      state: {
        ...givenUp({ by, sentence: `${'y'.repeat(4094)}\u{1F600}z` }),
        from: draining({ decision: { ...aDecision(), digest: long } }),
      },
    });
    await world.close();
    expect(failed).toMatchObject({
      need: { riskDigest: cutAt(256), packages: [{ name: cutAt(256) }] },
      state: {
        by: { name: cutAt(256) },
        sentence: `${'y'.repeat(4094)}…`,
        from: { decision: { digest: cutAt(256) } },
      },
    });
  });

  it('shows kubectl the phase, what asks for it and who decided', () => {
    const need = aNeed({
      packages: [...aNeed().packages, { name: 'libc6', risk: 'libc' }],
      packagesLeftOut: 2,
    });
    const { status } = storedObject(
      aReboot({ need, state: { phase: 'Approved', since: at(0), decision: aDecision() } }),
    );
    expect(status).toMatchObject({
      phase: 'Approved',
      wants: 'linux-image-6.8.0-49-generic +3',
      decidedBy: expect.stringContaining('mia'),
    });
  });

  it.each([
    ['status.phase', { phase: 'Dreaming' }],
    ['status.need.packages[0].risk', { need: { ...aNeed(), packages: [{ name: 'x', risk: 'none' }] } }],
    ['status.since', { since: 'yesterday' }],
    ['status.approvals', { approvals: undefined }],
  ])('names the field %s when it cannot be understood', (path, wrong) => {
    const object = storedObject(aReboot());
    const read = readReboot({ ...object, status: { ...object.status, ...wrong } });
    expect(read.ok ? 'read' : read.problem).toContain(path);
  });

  it('is Pending before its status was first written', () => {
    const object = newRebootObject(aReboot()) as { metadata: object };
    const read = readReboot({
      ...object,
      metadata: { ...object.metadata, uid: 'uid-1', resourceVersion: '1', creationTimestamp: at(0) },
    });
    expect(read).toMatchObject({
      ok: true,
      reboot: { state: { phase: 'Pending', since: at(0), approvals: [] }, need: aNeed() },
    });
  });
});
