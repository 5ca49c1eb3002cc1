import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toStatusPatch } from '../../src/agent/report.ts';
import { agentView } from '../../src/k8s/nodes/agent-view.ts';
import { paths } from '../../src/k8s/api/paths.ts';
import { nodeReport, type NodeReport } from '../../src/reboot/nodes/node-report.ts';
import { reportLimits } from '../../src/reboot/nodes/report-limits.ts';
import type { RebootStore } from '../../src/reboot/ports/stores.ts';
import { arbitraryOf } from '../fakes/arbitrary-of.ts';
import { aReport, at } from '../fakes/builders.ts';
import type { Hand } from '../k8s/world/hand.ts';
import { arbitraryReboot } from '../k8s/records/arbitrary-reboot.ts';
import { outcomeCounts } from '../property-runs.ts';

export interface DeclaredWorld {
  readonly store: RebootStore;
  readonly hand: Pick<Hand, 'ask'>;
  close(): Promise<void>;
}

const long = (length: number): string => 'x'.repeat(length);
const times = <T>(length: number, one: T): readonly T[] => Array.from({ length }, () => one);
const { packages, nameLength, versionLength, reasonLength, idLength, signals, signalName, signalPackages } =
  reportLimits;

const largestSignal = {
  name: long(signalName),
  required: 'unknown',
  reason: long(reasonLength),
  since: at(0),
  packages: times(signalPackages, { name: long(nameLength), version: long(versionLength) }),
} as const;

/** Every field is there, and as long as it may be. */
const largest: Required<NodeReport> = {
  required: 'yes',
  reason: long(reasonLength),
  requiredSince: at(0),
  packages: times(packages, { name: long(nameLength), version: long(versionLength) }),
  packagesLeftOut: reportLimits.packagesLeftOut,
  kernel: { running: long(versionLength), newest: long(versionLength) },
  bootId: long(idLength),
  bootedAt: at(0),
  agent: long(idLength),
  signals: times(signals, largestSignal),
  asking: long(reasonLength),
  packageWork: { since: at(0), active: true, what: long(reasonLength) },
  otherRebooters: times(reportLimits.otherRebooters, { name: long(signalName), what: long(reasonLength) }),
  order: { endBoot: long(idLength), state: 'obeying', at: at(0), message: long(reasonLength), generation: 7 },
};

const tooLarge: readonly (readonly [field: string, report: object])[] = [
  ['packages', { packages: times(packages + 1, { name: 'x' }) }],
  ['packages[0].name', { packages: [{ name: long(nameLength + 1) }] }],
  ['kernel.running', { kernel: { running: long(versionLength + 1) } }],
  ['bootId', { bootId: long(idLength + 1) }],
  ['signals', { signals: times(signals + 1, { name: 'x', required: 'no' }) }],
  ['signals[0].required', { signals: [{ name: 'x', required: 'maybe' }] }],
  ['order.state', { order: { endBoot: 'x', state: 'done', at: at(0) } }],
  ['order.generation', { order: { endBoot: 'x', state: 'failed', at: at(0), generation: -1 } }],
];

/** What the core declares, and what an API server makes of the definitions that are made from it. */
export function declaredFieldsContract(name: string, make: () => Promise<DeclaredWorld>): void {
  describe(`the fields that are declared: ${name}`, () => {
    let world: DeclaredWorld;
    beforeEach(async () => {
      world = await make();
    });
    afterEach(() => world.close());

    const ask = async (request: Parameters<Hand['ask']>[0]): Promise<unknown> => world.hand.ask(request);
    const report = async (content: NodeReport): Promise<unknown> =>
      ask({
        method: 'PATCH',
        path: `${paths.agent('n1')}/status`,
        patch: 'merge',
        body: { status: toStatusPatch(content) },
      });
    const makeAgent = async (): Promise<unknown> =>
      ask({
        method: 'POST',
        path: paths.agents,
        body: {
          apiVersion: 'tugboot.dev/v1alpha1',
          kind: 'NodeAgent',
          metadata: { name: 'n1' },
          spec: {},
        },
      });

    it('of a Reboot are accepted and kept, in every phase', async () => {
      const met = outcomeCounts<'stored'>();
      await fc.assert(
        fc.asyncProperty(arbitraryReboot, async (reboot) => {
          const created = await world.store.create(reboot);
          if (typeof created === 'string') return;
          met.saw('stored');
          const { version: _version, createdAt: _createdAt, uid: _uid, ...content } = created;
          expect(content).toEqual(reboot);
        }),
        { numRuns: 80 },
      );
      met.atLeast({ stored: 60 });
    });

    it('of a report are accepted and kept, and those of the report before are gone', async () => {
      await makeAgent();
      await fc.assert(
        fc.asyncProperty(arbitraryOf(nodeReport), async (content) => {
          expect(agentView(await report(content)).report).toEqual(content);
        }),
        { numRuns: 40 },
      );
    });

    it('of a report may be as long as declared', async () => {
      await makeAgent();
      expect(agentView(await report(largest)).report).toEqual(largest);
    });

    it.each(tooLarge)('of a report are refused beyond that: %s', async (_field, change) => {
      await makeAgent();
      const status = { ...aReport(), ...change } as NodeReport;
      await expect(report(status)).rejects.toThrow(/nodeagents.tugboot.dev|NodeAgent/i);
      expect(agentView({ metadata: { name: 'n1' }, status }).report).toBe(undefined);
    });
  });
}
