import { describe, expect, it } from 'vitest';
import { judge, rules, type RuleName, type Verdict } from '../../../src/k8s/pods/filters.ts';
import { ownPods } from '../../../src/k8s/pods/own-pods.ts';
import { podView, type PodView } from '../../../src/k8s/pods/pod-view.ts';
import { partition } from '../../../src/k8s/drain/partition.ts';
import type { DrainPolicy } from '../../../src/reboot/policy/policy.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy, noon } from '../../fakes/builders.ts';

const aPod = (overrides: Partial<PodView> = {}): PodView => ({
  namespace: 'default',
  name: 'web-0',
  uid: 'uid-web-0',
  node: 'n1',
  phase: 'Running',
  ready: true,
  labels: {},
  controller: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'uid-web' },
  mirror: false,
  emptyDir: false,
  claims: [],
  graceSeconds: 30,
  ...overrides,
});
const alone = ({ controller: _controller, ...pod }: PodView): PodView => pod;
const daemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'proxy', uid: 'uid-proxy' };
const nobody = (): boolean => false;

interface Case {
  readonly pod: PodView;
  readonly policy?: Partial<DrainPolicy>;
  /** It came after the drain had begun. */
  readonly kept?: boolean;
  /** Its DaemonSet is gone. */
  readonly orphan?: boolean;
  readonly is: Verdict['kind'];
}

const cases: Readonly<Record<RuleName, Readonly<Record<string, Case>>>> = {
  'deleting-for-long': {
    'skips a pod that has been deleting for longer than the policy waits': {
      pod: aPod({ deletesAt: noon - 2 * minute }),
      policy: { skipPodsDeletingLongerThan: minute },
      is: 'stay',
    },
    'waits for one that has not': {
      pod: aPod({ deletesAt: noon - minute }),
      policy: { skipPodsDeletingLongerThan: minute },
      is: 'move',
    },
    'always waits when the policy says 0': { pod: aPod({ deletesAt: noon - 1000 * minute }), is: 'move' },
  },
  'daemon-set': {
    'leaves a pod of an apps/v1 DaemonSet': { pod: aPod({ controller: daemonSet }), is: 'stay' },
    'moves a pod of another group’s DaemonSet': {
      pod: aPod({ controller: { ...daemonSet, apiVersion: 'apps.kruise.io/v1' } }),
      is: 'move',
    },
    'moves a finished one': { pod: aPod({ controller: daemonSet, phase: 'Failed' }), is: 'move' },
    'refuses one whose DaemonSet is gone': {
      pod: aPod({ controller: daemonSet }),
      orphan: true,
      is: 'refuse',
    },
    'moves such a one when the policy gives up pods that nothing brings back': {
      pod: aPod({ controller: daemonSet }),
      orphan: true,
      policy: { podsWithoutController: 'evict' },
      is: 'move',
    },
    'waits for such a one that somebody deletes already': {
      pod: aPod({ controller: daemonSet, deletesAt: noon }),
      orphan: true,
      is: 'move',
    },
    'leaves one that has emptyDir data without a word': {
      pod: aPod({ controller: daemonSet, emptyDir: true }),
      policy: { deleteEmptyDirData: false },
      is: 'stay',
    },
  },
  mirror: {
    'leaves a static pod, though it has no controller': { pod: alone(aPod({ mirror: true })), is: 'stay' },
  },
  successor: {
    'leaves a pod that came back, whatever it holds and by whichever owner': {
      pod: alone(aPod({ emptyDir: true })),
      policy: { deleteEmptyDirData: false },
      kept: true,
      is: 'stay',
    },
    'leaves one that has finished': { pod: aPod({ phase: 'Failed' }), kept: true, is: 'stay' },
  },
  'empty-dir': {
    'refuses emptyDir data by policy': {
      pod: aPod({ emptyDir: true }),
      policy: { deleteEmptyDirData: false },
      is: 'refuse',
    },
    'moves it when the policy gives it up': { pod: aPod({ emptyDir: true }), is: 'move' },
    'moves a finished pod, whose data nobody uses': {
      pod: aPod({ emptyDir: true, phase: 'Succeeded' }),
      policy: { deleteEmptyDirData: false },
      is: 'move',
    },
  },
  'no-controller': {
    'refuses a pod that nothing brings back': { pod: alone(aPod()), is: 'refuse' },
    'moves it when the policy gives it up': {
      pod: alone(aPod()),
      policy: { podsWithoutController: 'evict' },
      is: 'move',
    },
    'moves a finished one': { pod: alone(aPod({ phase: 'Succeeded' })), is: 'move' },
    'waits for one that somebody deletes already': { pod: alone(aPod({ deletesAt: noon })), is: 'move' },
  },
};

describe('filters of a drain', () => {
  it('are tried in the order of kubectl', () => {
    expect(rules.map((rule) => rule.name)).toEqual([
      'deleting-for-long',
      'daemon-set',
      'mirror',
      'successor',
      'empty-dir',
      'no-controller',
    ]);
  });

  describe.each(Object.entries(cases))('%s', (rule, table) => {
    it.each(Object.entries(table))('%s', (_name, { pod, policy, orphan, kept, is }) => {
      const isOrphan = (): boolean => orphan === true;
      const verdict = judge(pod, {
        policy: aDrainPolicy(policy),
        now: noon,
        isOrphan,
        isKept: () => kept === true,
      });
      expect(verdict.kind).toBe(is);
      if (verdict.kind !== 'move') expect(verdict.rule).toBe(rule);
      if (verdict.kind === 'refuse') expect(verdict.sentence).toContain('default/web-0');
    });
  });
});

describe('the partition of a node’s pods', () => {
  const partitioner = {
    node: 'n1',
    policy: aDrainPolicy({ skipPodsDeletingLongerThan: minute }),
    isOwn: ownPods({ namespace: 'ops', named: ['default/bot-0'] }),
    isOrphan: nobody,
    isKept: nobody,
    isPinned: nobody,
  };
  const bot = aPod({ name: 'bot-0', uid: 'uid-bot' });

  it('keeps our own pods back while others are there', () => {
    expect(partition([bot, aPod()], partitioner, noon).eligible.map((pod) => pod.name)).toEqual(['web-0']);
    expect(partition([bot], partitioner, noon).eligible.map((pod) => pod.name)).toEqual(['bot-0']);
  });

  it('keeps the pods of our installation back, its Redis among them, and nobody else’s of the same label', () => {
    const labels = { 'app.kubernetes.io/part-of': 'tugboot' };
    const redis = aPod({ namespace: 'ops', name: 'tugboot-redis-0', uid: 'uid-redis', labels });
    const other = aPod({ namespace: 'shop', name: 'web-1', uid: 'uid-other', labels });
    const eligible = (...pods: PodView[]): readonly string[] =>
      partition(pods, partitioner, noon).eligible.map((pod) => pod.name);
    expect(eligible(redis, other, bot)).toEqual(['web-1']);
    expect(eligible(redis, bot)).toEqual(['tugboot-redis-0', 'bot-0']);
  });

  it('means this node’s pods and not a pod of the same name elsewhere', () => {
    expect(partition([aPod({ node: 'n2' })], partitioner, noon).moving).toEqual([]);
  });

  it('knows when time alone will end the wait for a pod', () => {
    const found = partition([aPod({ deletesAt: noon })], partitioner, noon);
    expect(found.changesAt).toBe(noon + minute + 1);
    expect(partition([aPod({ deletesAt: noon })], partitioner, noon + minute + 1).moving).toEqual([]);
  });
});

describe('the view of a pod', () => {
  it.each([{}, { metadata: {}, spec: {}, status: {} }, { metadata: { ownerReferences: [{}] } }])(
    'takes missing fields for nothing: %j',
    (pod) => {
      expect(podView(pod)).toMatchObject({
        name: '',
        labels: {},
        phase: 'Unknown',
        ready: false,
        mirror: false,
        emptyDir: false,
      });
    },
  );

  it('knows its claims, and those that are made for it alone', () => {
    const volumes = [
      { name: 'data', persistentVolumeClaim: { claimName: 'db-data' } },
      { name: 'scratch', ephemeral: { volumeClaimTemplate: {} } },
      { name: 'config', configMap: { name: 'db' } },
    ];
    expect(podView({ metadata: { name: 'db-0' }, spec: { volumes } }).claims).toEqual([
      'db-data',
      'db-0-scratch',
    ]);
  });

  it('sees the controller among several owners', () => {
    const ownerReferences = [
      { kind: 'Node', name: 'n1', apiVersion: 'v1' },
      { ...daemonSet, controller: true },
    ];
    expect(podView({ metadata: { ownerReferences } }).controller).toEqual(daemonSet);
  });
});
