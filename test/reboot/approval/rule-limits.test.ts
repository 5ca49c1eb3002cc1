/** What a rule may approve, by package. */
import { describe, expect, it } from 'vitest';
import type { PackageLimits } from '../../../src/reboot/policy/policy.ts';
import { isIn } from '../../../src/reboot/state/reboot.ts';
import { type Need } from '../../../src/reboot/state/need.ts';
import { beyondRule } from '../../../src/reboot/approval/rule-limits.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aNeed, aPerson, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const libc: Need['packages'][number] = { name: 'libc6', version: '2.39', risk: 'libc' };
const image: Need['packages'][number] = { name: 'linux-image-6.8.0-49-generic', risk: 'kernel' };
const pg: Need['packages'][number] = { name: 'postgresql-17', risk: 'other' };
const old = { running: '6.8.0-45' };
const newer = { running: '6.8.0-45', next: '6.8.0-49' };

const said = (need: Partial<Need>, limits: Partial<PackageLimits>): string | undefined =>
  beyondRule(
    aNeed({ packages: [libc], kernel: old, ...need }),
    aPool({ autoApprove: { packages: { include: [], exclude: [], ...limits } } }),
  );
const refuses = (what: string): string =>
  `The rule of pool workers does not approve ${what}: a person has to (autoApprove.packages).`;

describe('the rule of a pool', () => {
  it.each<[string, Partial<Need>, Partial<PackageLimits>, string | undefined]>([
    ['approves what is not excluded', {}, { exclude: ['postgresql-*'] }, undefined],
    ['approves what is included', {}, { include: ['libc*'] }, undefined],
    [
      'names what is excluded',
      { packages: [libc, pg] },
      { exclude: ['postgresql-*'] },
      refuses('postgresql-17'),
    ],
    [
      'names what is not included',
      { packages: [libc, pg] },
      { include: ['libc*'] },
      refuses('postgresql-17'),
    ],
    ['excludes also what is included', {}, { include: ['*'], exclude: ['libc6'] }, refuses('libc6')],
    ['knows kernels under any name', { packages: [image] }, { exclude: ['kernel'] }, refuses(image.name)],
    [
      'excludes a kernel that would run after the reboot, whatever asks',
      { kernel: newer },
      { exclude: ['kernel'] },
      refuses('kernel 6.8.0-49'),
    ],
    [
      'includes no kernel that nobody named',
      { kernel: newer },
      { include: ['libc*'] },
      refuses('kernel 6.8.0-49'),
    ],
    ['approves a kernel by its name', { packages: [], kernel: newer }, { include: ['kernel'] }, undefined],
    [
      'approves a kernel by the package that brings it',
      { packages: [image], kernel: newer },
      { include: ['linux-image-*'] },
      undefined,
    ],
    [
      'approves nothing that names no package',
      { packages: [] },
      { exclude: ['kernel'] },
      'The rule of pool workers approves by package, and none is named: a person has to approve it.',
    ],
    [
      'approves nothing of which a part is left out',
      { packagesLeftOut: 7 },
      { exclude: ['kernel'] },
      'The rule of pool workers approves by package, and 7 of them are not in the report: a person has to approve it.',
    ],
    [
      'names three and counts the rest',
      { packages: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, risk: 'other' as const })) },
      { include: ['x'] },
      refuses('a, b, c and 2 more'),
    ],
  ])('%s', (_, need, limits, sentence) => {
    expect(said(need, limits)).toBe(sentence);
  });
  it('approves everything where nothing limits it', () => {
    expect(beyondRule(aNeed({ packages: [], kernel: old }), aPool())).toBeUndefined();
  });
});

const limited = (exclude: readonly string[]) =>
  aPool({ approval: 'auto', autoApprove: { packages: { include: [], exclude } } });

describe('a pool with a limited rule', () => {
  it('leaves to people what the rule may not approve, and says so on the card and in `why`', async () => {
    const harness = serviceHarness(aPolicy({ pools: [limited(['kernel'])] }));
    const { name } = await harness.sentinel();
    await harness.pass(minute);
    expect(harness.reboot(name).state.phase).toBe('Pending');
    expect(harness.chat.cards.get(name)).toMatchObject({ beyondRule: refuses(image.name) });
    expect(harness.chat.cards.get(name)).not.toHaveProperty('automatic');
    const answer = await harness.service.why('worker-03');
    expect(answer).toMatchObject({
      why: {
        blockers: [
          {
            code: 'approvals-missing',
            sentence: `It needs 1 approval: 0 of 1 so far. ${refuses(image.name)}`,
            clears: 'Approve it on its card.',
          },
        ],
      },
    });
    const { digest } = harness.reboot(name).need;
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
    await harness.settle();
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
  });
  it('approves the rest by itself', async () => {
    const harness = serviceHarness(aPolicy({ pools: [limited(['postgresql-*'])] }));
    const { name } = await harness.sentinel();
    await harness.pass(minute);
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
  });
  it('does not start what only the rule approved when a package comes that it may not approve', async () => {
    const harness = serviceHarness(aPolicy({ pools: [limited(['postgresql-*'])] }));
    await harness.pauses.put({ scope: { kind: 'cluster' } });
    const { name } = await harness.sentinel();
    await harness.pass(minute);
    expect(harness.reboot(name).state.phase).toBe('Approved');
    harness.cluster.agentOf('worker-03').report = aReport({
      packages: [...aReport().packages, { name: 'postgresql-17' }],
    });
    await harness.pauses.lift({ kind: 'cluster' });
    await harness.queue.reconcileNode('worker-03');
    await harness.settle();
    const reboot = harness.reboot(name);
    expect(reboot.state.phase).toBe('Approved');
    expect(isIn(reboot, 'Approved') && reboot.state.blockers).toMatchObject([
      {
        code: 'rule-withdrawn',
        sentence: `Only a rule approved it, and ${refuses('postgresql-17').replace('The', 'the')}`,
      },
    ]);
    await harness.service.decide(
      name,
      { kind: 'approve', mode: 'now', digest: reboot.need.digest },
      aPerson(),
    );
    await harness.settle();
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
  });
});
