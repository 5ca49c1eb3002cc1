/** The log tells a reboot in its order, with what was decided before what follows from it. */
import { describe, expect, it } from 'vitest';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';
import type { LogLine } from '../../fakes/recording-logger.ts';

const mia = aPerson();
const node = 'worker-03';

const approve = async (harness: ServiceHarness): Promise<string> => {
  const { name, need } = await harness.sentinel({});
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, mia);
  return name;
};

const lines = (harness: ServiceHarness, message: string): readonly LogLine[] =>
  harness.log.filter((line) => line.message === message);

describe('the log of a reboot', () => {
  it('has the decision first, then each step, then the end with the times, all with its name', async () => {
    const harness = serviceHarness();
    const name = await approve(harness);
    await harness.settle();
    await harness.boots(node);
    await harness.pass(60 * second);
    const told = harness.log.filter(({ level }) => level !== 'debug');
    expect(
      told.map(({ message, fields }) => (message === 'reboot changed phase' ? fields['phase'] : message)),
    ).toEqual([
      'reboot required',
      'decision taken',
      'Approved',
      'Draining',
      'node cordoned',
      'drain begins',
      'node drained',
      'Rebooting',
      'node told to reboot',
      'Settling',
      'Succeeded',
      'node uncordoned',
      'reboot ended',
    ]);
    for (const { fields } of told) expect(fields).toMatchObject({ reboot: name, node, pool: 'workers' });
    expect(lines(harness, 'decision taken')).toMatchObject([
      { fields: { decision: 'approved', by: mia.id, by_kind: 'user', by_name: mia.name, mode: 'now' } },
    ]);
    expect(lines(harness, 'node drained')[0]?.fields).toMatchObject({ pods_left: 0 });
    const end = lines(harness, 'reboot ended')[0]?.fields ?? {};
    expect(end).toMatchObject({ phase: 'Succeeded', settle_s: 60 });
    expect(end['total_s']).toBeGreaterThanOrEqual(60);
  });

  it('names who refused, and why, where the decision of a person is rejected', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ approvers: { kind: 'nobody' } })] }));
    const name = await approve(harness);
    expect(lines(harness, 'decision taken')).toEqual([]);
    expect(lines(harness, 'decision rejected')).toMatchObject([
      { fields: { reboot: name, by: mia.id, decision: 'approve', why: expect.any(String) as string } },
    ]);
  });

  it('says once why an approved node waits, and again only for other reasons', async () => {
    const harness = serviceHarness();
    await harness.pauses.put({ scope: { kind: 'cluster' }, reason: 'holidays' });
    await approve(harness);
    await harness.pass(5 * minute);
    expect(lines(harness, 'approved reboot waits')).toMatchObject([
      { fields: { node, codes: ['paused'], why: [expect.stringContaining('holidays') as string] } },
    ]);
  });
});
