import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  longestText,
  newRebootObject,
  readReboot,
  statusOf,
} from '../../../src/k8s/records/reboot-object.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { aDecision, aNeed, aReboot, at } from '../../fakes/builders.ts';
import { startApiWorld } from '../world/api.ts';
import { arbitraryReboot } from './arbitrary-reboot.ts';
import { runsOf, tally } from '../../property-runs.ts';

type Content = Omit<Reboot, 'version' | 'createdAt'>;

/** As the API server stores it: JSON, with the metadata that it adds. */
function stored(reboot: Content): { status: Record<string, unknown> } {
  const object = JSON.parse(JSON.stringify(newRebootObject(reboot))) as { metadata: object };
  const metadata = { ...object.metadata, uid: 'uid-1', resourceVersion: '7', creationTimestamp: at(0) };
  return JSON.parse(JSON.stringify({ ...object, metadata, status: statusOf(reboot) })) as never;
}
const readBack = (object: unknown): unknown => {
  const read = readReboot(object);
  if (!read.ok) throw new Error(read.problem);
  const { version: _version, createdAt: _createdAt, uid: _uid, ...content } = read.reboot;
  return content;
};

describe('a Reboot as a custom resource', () => {
  it('reads back as what was written, in every phase', () => {
    fc.assert(
      fc.property(arbitraryReboot, (reboot) => {
        expect(readBack(stored(reboot))).toEqual(reboot);
      }),
      { numRuns: runsOf(100) },
    );
  });

  it('fits the schema: the API server accepts all of it and drops nothing', async () => {
    const world = await startApiWorld();
    const { store } = world.connect();
    const met = tally<'stored'>();
    await fc.assert(
      fc.asyncProperty(arbitraryReboot, async (reboot) => {
        const created = await store.create(reboot);
        if (typeof created === 'string') return;
        met.saw('stored');
        const { version: _version, createdAt: _createdAt, uid: _uid, ...content } = created;
        expect(content).toEqual(reboot);
      }),
      { numRuns: 80 },
    );
    met.atLeast({ stored: 60 });
    await world.close();
  });

  it('cuts a text that is longer than the schema allows, so that it can be stored at all', () => {
    const long = aReboot({
      state: {
        phase: 'Snoozed',
        since: at(0),
        until: at(1),
        by: { kind: 'kubernetes', name: 'x' },
        reason: 'y'.repeat(10_000),
      },
    });
    const { status } = stored(long);
    expect(String(status['reason'])).toHaveLength(longestText);
    expect(String(status['reason']).endsWith('…')).toBe(true);
  });

  it('shows kubectl the phase, what asks for it and who decided', () => {
    const need = aNeed({
      packages: [...aNeed().packages, { name: 'libc6', risk: 'libc' }],
      packagesLeftOut: 2,
    });
    const { status } = stored(
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
    const object = stored(aReboot());
    const read = readReboot({ ...object, status: { ...object.status, ...wrong } });
    expect(read.ok ? 'read' : read.problem).toContain(path);
  });

  describe('as version 0.1.0 stored it', () => {
    const decision = aDecision({ mode: 'window' });
    const earlier = (status: object): unknown => {
      const object = stored(aReboot());
      const { need, facts, chat, history } = object.status;
      return readBack({ ...object, status: { need, facts, chat, history, ...status } });
    };
    const undo = {
      why: 'window-closed',
      cause: 'its window closed before it was drained',
      times: 1,
      pods: [],
      budgets: [],
    };

    it('reads a drain that was being undone as Undoing: what it owes is not forgotten', () => {
      const by = { kind: 'rule', pool: 'workers' };
      const cancelled = {
        phase: 'Cancelled',
        since: at(0),
        by,
        reason: 'Its window closed.',
        endedFrom: 'Draining',
      };
      const again = { decision, why: 'window-closed' };
      expect(earlier({ ...cancelled, tidied: false, again })).toMatchObject({
        state: { phase: 'Undoing', since: at(0), decision, undo },
      });
      expect(earlier({ ...cancelled, tidied: false })).toMatchObject({
        state: { phase: 'Cancelled', by, from: 'Draining' },
      });
    });

    it('reads a drain that had been undone as one whose pause is over', () => {
      const state = { phase: 'Approved', since: at(0), decision };
      expect(earlier({ ...state, putBack: { at: at(0), why: 'window-closed' } })).toMatchObject({
        state: { ...state, retry: { ...undo, at: at(0), notBefore: at(0) } },
      });
      const what = { history: [{ at: at(0), what: 'put-back', reason: 'Its window closed.' }] };
      expect(earlier({ ...state, ...what })).toMatchObject(what);
    });
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
