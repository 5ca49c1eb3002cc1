import { describe, expect, it } from 'vitest';
import type { OtherRebooter } from '../../../src/reboot/nodes/node-report.ts';
import { rebooterSentences, rebootersOn } from '../../../src/reboot/nodes/other-rebooters.ts';
import { day, hour, minute, second } from '../../../src/reboot/time/time.ts';
import { aNode, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const locksmithd: OtherRebooter = { name: 'locksmithd', what: 'locksmithd runs' };
const zincati: OtherRebooter = { name: 'zincati', what: 'zincati runs' };

/** A harness in which time passes with a scan every half a minute, as it does in the bot. */
function harness(nodes: readonly string[] = ['worker-03', 'worker-04']) {
  const all = serviceHarness(aPolicy({ pools: [aPool()] }));
  for (const name of nodes)
    all.cluster.addNode(aNode({ name, uid: `uid-${name}` }), {
      report: aReport({ required: 'no', packages: [] }),
    });
  const pass = async (span: number): Promise<void> => {
    for (let left = span; left > 0; left -= 30 * second) {
      await all.pass(Math.min(left, 30 * second));
      await all.service.resync();
      await all.settle();
    }
  };
  const sees = (name: string, ...otherRebooters: readonly OtherRebooter[]): void => {
    const report = aReport({ required: 'no', packages: [] });
    all.cluster.agentOf(name).report = otherRebooters.length === 0 ? report : { ...report, otherRebooters };
  };
  const events = (): readonly string[] =>
    all.cluster.events.filter(({ reason }) => reason === 'OtherRebooter').map(({ node }) => node);
  const troubles = async (): Promise<readonly string[]> => {
    const answer = await all.service.status();
    return answer.ok ? (answer.status.troubles ?? []) : expect.unreachable();
  };
  return { ...all, pass, sees, events, troubles };
}

describe('another rebooter that an agent sees on', () => {
  it('is told to the channel once for all nodes of a pool, and as an Event of each', async () => {
    const { chat, cluster, pass, sees, events } = harness();
    sees('worker-03', locksmithd);
    await pass(30 * second);
    sees('worker-04', locksmithd);
    await pass(5 * minute);
    expect(chat.notices).toMatchObject([
      {
        topic: 'rebooters',
        channel: 'C0OPS',
        pool: 'workers',
        nodes: ['worker-03', 'worker-04'],
        rebooters: ['locksmithd'],
        reason: 'locksmithd runs',
      },
    ]);
    expect(events()).toEqual(['worker-03', 'worker-04']);
    expect(cluster.events.at(-1)).toMatchObject({ type: 'Warning', nodeUid: 'uid-worker-04' });
    await pass(3 * hour);
    expect(chat.notices).toHaveLength(1);
  });

  it('is no unknown signal: what cannot be read is told beside it', async () => {
    const { chat, cluster, pass, sees } = harness(['worker-03']);
    sees('worker-03', locksmithd);
    const { report } = cluster.agentOf('worker-03');
    cluster.agentOf('worker-03').report = { ...(report ?? aReport()), required: 'unknown', reason: 'x' };
    await pass(hour);
    expect(chat.notices.map(({ topic }) => topic).toSorted()).toEqual(['rebooters', 'unknownSignals']);
  });

  it('is in `/reboot status` for as long as it is on, with what to do', async () => {
    const { pass, sees, troubles } = harness();
    expect(await troubles()).toEqual([]);
    sees('worker-03', locksmithd);
    sees('worker-04', locksmithd, zincati);
    expect(await troubles()).toEqual([
      expect.stringMatching(/^locksmithd runs on worker-03, worker-04, .*mask --now locksmithd/),
      expect.stringMatching(/^Zincati runs on worker-04, .*mask --now zincati/),
    ]);
    await pass(minute);
    sees('worker-03');
    sees('worker-04');
    expect(await troubles()).toEqual([]);
  });

  it('that comes and goes is told once a day', async () => {
    const { chat, pass, sees } = harness(['worker-03']);
    for (let at = 0; at < 12; at += 1) {
      sees('worker-03', at % 2 === 0 ? locksmithd : zincati);
      await pass(3 * minute);
      sees('worker-03');
      await pass(3 * minute);
    }
    expect(chat.notices).toHaveLength(1);
    await pass(day);
    sees('worker-03', locksmithd);
    await pass(3 * minute);
    expect(chat.notices).toHaveLength(2);
  });

  it('is told when Slack is back, under the same key', async () => {
    const { chat, cluster, pass, sees, events } = harness(['worker-03']);
    sees('worker-03', locksmithd);
    chat.down = new Error('slack is away');
    await pass(10 * minute);
    expect(events()).toEqual([]);
    const begun = cluster.agentOf('worker-03').rebooters?.notice;
    chat.down = undefined;
    await pass(5 * minute);
    expect(chat.notices.map(({ key }) => key)).toEqual([begun?.key]);
    expect(events()).toEqual(['worker-03']);
  });

  it('in a report of an earlier boot, or on a node that is down, says nothing yet', async () => {
    const { chat, cluster, pass, sees, troubles } = harness(['worker-03']);
    sees('worker-03', locksmithd);
    cluster.node('worker-03').bootId = 'boot-2';
    await pass(10 * minute);
    expect([chat.notices.filter(({ topic }) => topic === 'rebooters'), await troubles()]).toEqual([[], []]);
  });

  it('costs nothing where there is none', async () => {
    const { cluster, pass } = harness();
    await pass(10 * minute);
    expect(cluster.log.filter((entry) => entry.startsWith('rebooters'))).toEqual([]);
  });
});

describe('what is said of other rebooters', () => {
  it('leaves out what this version does not know', () => {
    const otherRebooters = [{ name: 'constructor', what: 'x' }, zincati, zincati, locksmithd];
    expect(rebootersOn({ otherRebooters })).toEqual([locksmithd, zincati]);
  });

  it('names few nodes and counts the rest', () => {
    const reports = Array.from({ length: 40 }, (_, at) => ({
      node: `n${at}`,
      report: { otherRebooters: [{ name: 'unattended-upgrades', what: 'x' }] },
    }));
    expect(rebooterSentences(reports)).toEqual([
      'unattended-upgrades reboots n0, n1, n2 and 37 more, beside Tugboot and without a drain. ' +
        'Set Unattended-Upgrade::Automatic-Reboot "false"; in /etc/apt/apt.conf.d.',
    ]);
  });
});
