/** What a decision is bound to: everything that people saw, and nothing that cannot be read. */
import { describe, expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import type { NodeReport } from '../../../src/reboot/nodes/node-report.ts';
import { needOf } from '../../../src/reboot/signals/packages.ts';
import type { Need } from '../../../src/reboot/state/need.ts';
import { aPerson, aReport, noon } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const need = (report: Partial<NodeReport>): Need => needOf(aReport(report), (text) => text, noon);
const kernel = { name: 'linux-image-6.8.0-49-generic', version: '6.8.0-49.49' };
const vim = { name: 'vim', version: '9.1' };
const before = { packages: [kernel, vim] };

describe('the digest of a decision', () => {
  it.each<[string, Partial<NodeReport>, { readonly risk: boolean }]>([
    ['a package that changes no risk', { packages: [kernel] }, { risk: false }],
    ['its version', { packages: [kernel, { ...vim, version: '9.2' }] }, { risk: false }],
    ['that its version is not known any more', { packages: [kernel, { name: 'vim' }] }, { risk: false }],
    ['how many packages are left out of the list', { ...before, packagesLeftOut: 1 }, { risk: false }],
    ['a risky package', { packages: [vim] }, { risk: true }],
    ['its version', { packages: [{ ...kernel, version: '6.8.0-49.50' }, vim] }, { risk: true }],
    ['the next kernel', { ...before, kernel: { running: 'a', newest: 'c' } }, { risk: true }],
  ])('changes with %s', (_, report, { risk }) => {
    const one = need({ kernel: { running: 'a', newest: 'b' }, ...before });
    const other = need({ kernel: { running: 'a', newest: 'b' }, ...report });
    expect(other.digest).not.toBe(one.digest);
    expect(other.riskDigest !== one.riskDigest).toBe(risk);
  });

  it('stays, and the decision with it, while the sentinel cannot be read', async () => {
    const harness = serviceHarness();
    const firing: Blocker = { code: 'alerts-firing', sentence: 'Alert A is active.', clears: 'It clears.' };
    harness.gatekeeper.blocks.set('worker-03', [firing]);
    const made = await harness.sentinel();
    const approval = { kind: 'approve', mode: 'now', digest: made.need.digest } as const;
    await harness.service.decide(made.name, approval, aPerson());
    await harness.settle();
    harness.cluster.agentOf('worker-03').report = aReport({ required: 'unknown', packages: [] });
    await harness.queue.reconcileNode('worker-03');
    await harness.settle();
    expect(harness.reboot(made.name)).toMatchObject({ need: made.need, state: { phase: 'Approved' } });
  });
});
