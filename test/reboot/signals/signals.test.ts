import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeReport, SignalReading } from '../../../src/reboot/nodes/node-report.ts';
import {
  clusterSignals,
  watchedNamesOf,
  type PoolSignal,
  sentinelSignal,
} from '../../../src/reboot/policy/pool-signal.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import {
  askersOf,
  packagesOf,
  type PoolReading,
  readSignals,
  reportOf,
  verdictOf,
} from '../../../src/reboot/signals/signals.ts';
import { day, hour } from '../../../src/reboot/time/time.ts';
import { aNode, aReport, at, noon } from '../../fakes/builders.ts';
import { outcomeCounts } from '../../property-runs.ts';

const reported = (name: string): PoolSignal => ({ kind: 'reported', name });
const preset = (name: string): PoolSignal =>
  clusterSignals.find((signal) => signal.name === name) ?? expect.unreachable(name);

interface Setup {
  readonly node?: Partial<NodeView>;
  readonly report?: Partial<NodeReport> | 'none';
  readonly now?: number;
}

function read(signal: PoolSignal, { node = {}, report = {}, now = noon }: Setup): Omit<PoolReading, 'name'> {
  const sight = { node: aNode(node), report: report === 'none' ? undefined : aReport(report), now };
  const [{ name, ...said } = expect.unreachable()] = readSignals([signal], sight);
  expect(name).toBe(signal.name);
  return said;
}

const said = (...signals: SignalReading[]): Setup => ({ report: { required: 'no', packages: [], signals } });

describe('a signal that the agent reports', () => {
  it('is what the agent says', () => {
    const kernel = { name: 'kernel', required: 'yes', reason: 'Kernel 2 is installed and 1 runs' } as const;
    expect(read(reported('kernel'), said(kernel))).toEqual({
      required: 'yes',
      reason: 'Kernel 2 is installed and 1 runs',
      from: 'host',
    });
  });

  it('is the report itself where an earlier agent knows no signals: one reading, the sentinel', () => {
    expect(read(sentinelSignal, {})).toEqual({
      required: 'yes',
      since: aReport().requiredSince,
      packages: aReport().packages,
      from: 'host',
    });
    expect(read(sentinelSignal, { report: { required: 'unknown', reason: 'run is gone' } })).toMatchObject({
      required: 'unknown',
      reason: 'run is gone',
    });
    expect(read(reported('kernel'), {})).toMatchObject({
      required: 'unknown',
      reason: 'The agent (version 0.1.0) does not read it on this node',
    });
  });

  it('is unknown, never no, where the agent says nothing of it or nothing at all', () => {
    expect(read(reported('ostree'), said({ name: 'kernel', required: 'no' })).required).toBe('unknown');
    expect(read(sentinelSignal, { report: 'none' })).toMatchObject({
      required: 'unknown',
      reason: 'The agent has not reported since the boot',
    });
  });

  it('counts only when it is about the boot that runs', () => {
    const agent = { report: aReport({ bootId: 'boot-0' }) };
    expect(reportOf(aNode(), agent)).toBeUndefined();
    expect(reportOf(aNode({ bootId: 'boot-0' }), agent)).toBe(agent.report);
  });
});

describe('a condition as a signal', () => {
  const signal = preset('npd-kernel-deadlock');
  const withStatus = (status: 'True' | 'False' | 'Unknown'): Setup => ({
    node: { conditions: { KernelDeadlock: { status, message: 'task hung', since: at(-hour) } } },
  });

  it('asks in its status, since it turned', () => {
    expect(read(signal, withStatus('True'))).toEqual({
      required: 'yes',
      reason: 'Condition KernelDeadlock is True: task hung',
      since: at(-hour),
      from: 'cluster',
    });
  });

  it('asks for nothing in the other, or when it is not there', () => {
    expect(read(signal, withStatus('False'))).toEqual({ required: 'no', from: 'cluster' });
    expect(read(signal, {})).toEqual({ required: 'no', from: 'cluster' });
  });

  it('is unknown when its writer cannot tell, unless that is what is waited for', () => {
    expect(read(signal, withStatus('Unknown')).required).toBe('unknown');
    const waited: PoolSignal = { kind: 'condition', name: 'c', type: 'KernelDeadlock', status: 'Unknown' };
    expect(read(waited, withStatus('Unknown')).required).toBe('yes');
  });
});

describe('labels and annotations as signals', () => {
  const fluo = 'flatcar-linux-update.v1.flatcar-linux.net/reboot-needed';
  const deckhouse = 'update.node.deckhouse.io/disruption-required';

  it.each([
    ['fluo', { annotations: { [fluo]: 'true' } }, 'yes'],
    ['fluo', { annotations: { [fluo]: 'false' } }, 'no'],
    ['fluo', {}, 'no'],
    ['fluo-label', { labels: { [fluo]: 'true' } }, 'yes'],
    ['deckhouse', { annotations: { [deckhouse]: '' } }, 'yes'],
    ['deckhouse', { annotations: {} }, 'no'],
    ['kured', { conditions: { 'kured.dev/RebootRequired': { status: 'True', message: '' } } }, 'yes'],
    ['maintenance-planned', { conditions: { MaintenancePlanned: { status: 'True', message: '' } } }, 'yes'],
  ] as const)('%s on %j is %s', (name, node, required) => {
    expect(read(preset(name), { node }).required).toBe(required);
  });

  describe('that kured leaves behind', () => {
    const signal = preset('kured-annotation');
    const setup = (value: string, bootedAt?: string): Setup => ({
      node: { annotations: { 'weave.works/kured-most-recent-reboot-needed': value } },
      report: bootedAt === undefined ? {} : { bootedAt },
    });

    it('asks when the need is younger than the boot, and is history when it is older', () => {
      expect(read(signal, setup('2026-11-22T10:00:00Z', at(-3 * hour)))).toMatchObject({
        required: 'yes',
        since: at(-2 * hour),
      });
      expect(read(signal, setup('2026-11-22T10:00:00Z', at(-hour))).required).toBe('no');
    });

    it('is unknown when either time is not known', () => {
      expect(read(signal, setup('yesterday', at(-hour))).required).toBe('unknown');
      expect(read(signal, setup('2026-11-22T10:00:00Z')).required).toBe('unknown');
    });
  });
});

describe('uptime as a signal', () => {
  const signal: PoolSignal = { kind: 'uptime', name: 'uptime', longest: 60 * day };

  it('asks once the boot is as old as the limit, since that moment', () => {
    const report = { bootedAt: at(-60 * day) };
    expect(read(signal, { report })).toEqual({
      required: 'yes',
      since: at(0),
      reason: 'Up for longer than 60 d',
      from: 'host',
    });
    expect(read(signal, { report, now: noon - 1 }).required).toBe('no');
  });

  it('is unknown without the agent’s word on the boot', () => {
    expect(read(signal, {}).required).toBe('unknown');
    expect(read(signal, { report: 'none' }).required).toBe('unknown');
  });
});

describe('the signals of a pool together', () => {
  const reading = fc.record({
    name: fc.stringMatching(/^[a-z]{1,5}$/),
    required: fc.constantFrom('yes', 'no', 'unknown'),
    from: fc.constantFrom('host', 'cluster'),
  });

  it('ask when one asks, and are quiet only when all are', () => {
    const met = outcomeCounts<'yes' | 'no' | 'unknown'>();
    fc.assert(
      fc.property(fc.array(reading), (readings) => {
        const verdict = verdictOf(readings);
        met.saw(verdict);
        expect(verdict === 'yes').toBe(readings.some(({ required }) => required === 'yes'));
        expect(verdict === 'no').toBe(readings.every(({ required }) => required === 'no'));
        expect(askersOf(readings)).toHaveLength(readings.filter(({ required }) => required === 'yes').length);
      }),
    );
    met.atLeast({ yes: 20, no: 5, unknown: 5 });
  });

  it('name each package once, and none for a signal that does not ask', () => {
    const one = {
      name: 'sentinel',
      required: 'yes',
      from: 'host',
      packages: [{ name: 'libc6', version: '2' }],
    } as const;
    const two = { ...one, name: 'dnf', packages: [{ name: 'libc6' }, { name: 'systemd' }] } as const;
    const quiet = { ...two, name: 'zypper', required: 'no', packages: [{ name: 'vim' }] } as const;
    expect(packagesOf([one, two, quiet])).toEqual([
      { name: 'libc6', version: '2', signal: 'sentinel' },
      { name: 'systemd', signal: 'dnf' },
    ]);
  });

  it('say what of a Node has to be kept', () => {
    const { conditions, annotations } = watchedNamesOf([
      preset('kured'),
      preset('fluo'),
      preset('fluo-label'),
      sentinelSignal,
    ]);
    expect([...conditions, ...annotations]).toEqual([
      'kured.dev/RebootRequired',
      'flatcar-linux-update.v1.flatcar-linux.net/reboot-needed',
    ]);
  });
});
