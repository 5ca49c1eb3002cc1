/** What the nodes of a pool digest ask for, and what their reboots would disturb. */
import type {
  DigestCounts,
  DigestImpact,
  KernelGroup,
  Named,
  PackageGroup,
  PoolDigestData,
} from '../../../reboot/pool-digest/message/digest-facts.ts';
import { inWords } from '../../../reboot/time/time.ts';
import { joined, say, some, when, type Mrkdwn } from '../../blocks/escape.ts';
import { by, counted, packageName } from '../phrases.ts';

/** The nodes whose packages and kernels are counted: those that are not done; at the end, all. */
const open = ({ total, done, ended }: DigestCounts): number => total - done - ended || total;

/** "linux-image-6.8.0-49-generic on all, libc6 2.39 on 14": undefined if no node names a package. */
export const packageLine = (data: PoolDigestData): Mrkdwn | undefined => packagesOn(data, open(data.counts));

/** `all`: the number of nodes. */
export function packagesOn(
  { packages, morePackages }: Pick<PoolDigestData, 'packages' | 'morePackages'>,
  all: number,
): Mrkdwn | undefined {
  if (packages.length === 0) return undefined;
  return some(
    packages.map((group) => say`${versioned(group)} ${onHowMany(group.nodes, all)}`),
    3,
    morePackages,
  );
}

function versioned({ name, risk, versions }: PackageGroup): Mrkdwn {
  const [version, ...others] = versions;
  if (version === undefined || others.length > 0) return say`${name}`;
  return packageName({ name, risk, version });
}

const onHowMany = (nodes: number, all: number): string => (nodes >= all ? 'on all' : `on ${nodes}`);

export function askLines(data: PoolDigestData): readonly Mrkdwn[] {
  if (data.counts.asking + data.counts.snoozed === 0) return [];
  return [
    kernelLine(data),
    impactLine(data.impact),
    automaticLine(data),
    windowLine(data),
    extentLine(data),
    leftLine(data),
  ].filter((line) => line !== undefined);
}

function kernelLine({ kernels, runningKernels, counts }: PoolDigestData): Mrkdwn | undefined {
  if (kernels.length === 0) return undefined;
  return say`*Kernel* ${kernelsOn(runningKernels, open(counts))} → ${kernelsOn(kernels, open(counts))}`;
}

export const kernelsOn = (kernels: readonly KernelGroup[], all: number): Mrkdwn =>
  kernels.length === 1 && (kernels[0]?.nodes ?? 0) >= all
    ? say`${kernels[0]?.release ?? ''}`
    : some(
        kernels.map(({ release, nodes }) => say`${release} on ${nodes}`),
        3,
      );

function impactLine(impact: DigestImpact | undefined): Mrkdwn {
  if (impact === undefined) return say`*Would disturb* not known yet`;
  const { sampled, of, podsToMove } = impact;
  const tried = sampled < of ? say` (tried on ${sampled} of ${of} nodes)` : say``;
  const said = [
    podsToMove === 0
      ? say`no pod that could move`
      : say`${counted(podsToMove, 'pod')} ${podsToMove === 1 ? 'moves' : 'move'}`,
    named(impact.goesDown, (count) => `${counted(count, 'workload')} ${count === 1 ? 'goes' : 'go'} down`),
    named(impact.lost, (count) => `${counted(count, 'pod')} would be lost`),
    named(
      impact.budgets,
      (count) => `${counted(count, 'budget')} ${count === 1 ? 'allows' : 'allow'} nothing now`,
    ),
    named(impact.refusals, (count) => `${counted(count, 'drain')} would not begin`),
  ].filter((part) => part !== undefined);
  return say`*Would disturb*${tried} ${joined(said, '; ')}.`;
}

function named({ count, first }: Named, words: (count: number) => string): Mrkdwn | undefined {
  if (count === 0) return undefined;
  const items = first.slice(0, 3).map((name) => say`${name}`);
  return items.length === 0
    ? say`${words(count)}`
    : say`${words(count)}: ${some(items, 3, count - items.length)}`;
}

function automaticLine({ automatic, beyondRule, window }: PoolDigestData): Mrkdwn | undefined {
  if (beyondRule !== undefined) return say`*Not by itself* ${beyondRule}`;
  if (automatic === undefined) return undefined;
  const opens = window && !window.open ? say`, when the window opens` : say``;
  return say`*By itself* ${when(automatic.at)}${opens}, unless somebody objects: ${counted(automatic.nodes, 'node')}.`;
}

function windowLine({ window, noWindow, automatic }: PoolDigestData): Mrkdwn | undefined {
  if (window === undefined) return noWindow === undefined ? undefined : say`*Window* ${noWindow}`;
  if (window.open) return say`*Window* open until ${when(window.closes)}`;
  return automatic ? undefined : say`*Window* ${window.label}, opens ${when(window.opens)}`;
}

function extentLine({ concurrency, concurrencyBy, wouldTake, counts }: PoolDigestData): Mrkdwn | undefined {
  if (counts.asking === 0) return undefined;
  const took = wouldTake === undefined ? say`` : say`, about ${inWords(wouldTake)} in all`;
  const why = concurrencyBy === undefined ? say`as the pool allows` : say`as ${by(concurrencyBy)} chose`;
  return say`*At a time* ${concurrency}, ${why}${took}`;
}

const leftLine = ({ left }: PoolDigestData): Mrkdwn | undefined =>
  left === 0 ? undefined : say`${counted(left, 'node')} more ask and do not fit in here: they follow.`;

/** What an approval of all would do, for its confirmation. */
export function digestWarnings({ impact }: PoolDigestData): readonly string[] {
  if (impact === undefined) return [];
  const { goesDown, lost } = impact;
  return [
    ...(goesDown.count === 0 ? [] : [`At least ${counted(goesDown.count, 'workload')} would go down.`]),
    ...(lost.count === 0 ? [] : [`At least ${counted(lost.count, 'pod')} would be lost.`]),
  ];
}
