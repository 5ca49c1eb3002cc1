/** The nodes of a digest by what they are at. Pure. */
import type { Blocker } from '../../scheduling/blockers/blockers.ts';
import { isIn, type In, type Reboot } from '../../state/reboot.ts';
import { toInstant } from '../../time/time.ts';
import { nameOf } from '../../words/words.ts';
import type { BlockerGroup, DigestRow, FailureGroup, RunningRow, UndoneGroup } from './digest-facts.ts';
import { packageNames } from './digest-packages.ts';
import { undoneFor } from '../same-cause.ts';

const mostRows = 10;
const mostPackages = 3;
const mostGroups = 4;
const mostNamed = 5;

const bySince = (one: Reboot, other: Reboot): number =>
  toInstant(one.state.since) - toInstant(other.state.since) || (one.name < other.name ? -1 : 1);

export function rowsOf(asking: readonly Reboot[]): readonly DigestRow[] {
  return asking
    .toSorted((one, other) => toInstant(one.need.since) - toInstant(other.need.since) || bySince(one, other))
    .slice(0, mostRows)
    .map(({ name, node, facts, need, state }) => {
      const packages = packageNames(need);
      const total = packages.length + need.packagesLeftOut;
      const approvals = 'approvals' in state ? state.approvals : [];
      return {
        reboot: name,
        node: node.name,
        ...(facts.zone === undefined ? {} : { zone: facts.zone }),
        ...(need.kernel.next === undefined ? {} : { kernel: need.kernel.next }),
        packages: packages.slice(0, mostPackages),
        more: Math.max(0, total - mostPackages),
        phase: state.phase,
        since: toInstant(need.since),
        approvedBy: approvals.map(({ by }) => nameOf(by)),
      };
    });
}

const cardOf = ({ chat: { card } }: Reboot) =>
  card === undefined ? {} : { card: { channel: card.channel, ts: card.ts } };

const nodeOf = (reboot: Reboot): FailureGroup['first'][number] => ({
  node: reboot.node.name,
  reboot: reboot.name,
  ...cardOf(reboot),
});

export const runningRows = (members: readonly Reboot[]): readonly RunningRow[] =>
  members
    .flatMap((reboot) => (isIn(reboot, 'Draining', 'Rebooting', 'Settling') ? [reboot] : []))
    .toSorted(bySince)
    .map((reboot) => ({
      reboot: reboot.name,
      node: reboot.node.name,
      phase: reboot.state.phase,
      since: toInstant(reboot.state.since),
      ...progressOf(reboot),
      ...cardOf(reboot),
    }));

function progressOf({
  state,
}: In<'Draining' | 'Rebooting' | 'Settling'>): Pick<RunningRow, 'pods' | 'waitsFor'> {
  if (state.phase === 'Rebooting') return state.trouble === undefined ? {} : { waitsFor: state.trouble };
  if (state.phase === 'Settling') {
    const [first] = state.missing;
    return first === undefined ? {} : { waitsFor: first.sentence };
  }
  if (state.drain === undefined) return {};
  const { gone, total, waiting, trouble } = state.drain;
  const [block] = waiting;
  const waitsFor = block === undefined ? trouble[0] : `budget ${block.budget}`;
  return { pods: { gone, total }, ...(waitsFor === undefined ? {} : { waitsFor }) };
}

/** The approved that do not start, by their first blocker. */
export function waitGroups(
  members: readonly Reboot[],
  blocked: ReadonlyMap<string, readonly Blocker[]>,
): readonly BlockerGroup[] {
  const waiting = members.flatMap((reboot) => {
    const [blocker] = isIn(reboot, 'Approved') ? (blocked.get(reboot.name) ?? []) : [];
    return blocker === undefined ? [] : [{ blocker, node: reboot.node.name }];
  });
  return [...Map.groupBy(waiting, ({ blocker }) => blocker.code)]
    .map(([code, same]) => {
      const [first] = same;
      const times = same.flatMap(({ blocker }) => blocker.until ?? []);
      return {
        code,
        sentence: first?.blocker.sentence ?? '',
        nodes: same.length,
        first: first?.node ?? '',
        ...(times.length === 0 ? {} : { until: Math.min(...times) }),
      };
    })
    .toSorted((one, other) => other.nodes - one.nodes)
    .slice(0, mostGroups);
}

export const failureGroups = (members: readonly Reboot[]): readonly FailureGroup[] =>
  [
    ...Map.groupBy(
      members.flatMap((reboot) => (isIn(reboot, 'Failed') ? [reboot] : [])).toSorted(bySince),
      ({ state }) => state.code,
    ),
  ].map(([code, same]) => ({
    code,
    sentence: same[0]?.state.sentence ?? '',
    nodes: same.length,
    first: same.slice(0, mostNamed).map(nodeOf),
    since: Math.max(...same.map(({ state }) => toInstant(state.since))),
  }));

export const undoneGroups = (members: readonly Reboot[]): readonly UndoneGroup[] => {
  const undone = members.flatMap((reboot) => {
    const retry = isIn(reboot, 'Approved') ? reboot.state.retry : undefined;
    return retry?.needsPerson === undefined ? [] : [{ reboot, retry, needsPerson: retry.needsPerson }];
  });
  const byTime = undone.toSorted((one, other) => toInstant(one.retry.at) - toInstant(other.retry.at));
  return [...Map.groupBy(byTime, ({ retry }) => undoneFor(retry))].flatMap(([cause, same]) => {
    const [first] = same;
    if (!first) return [];
    const named = same.slice(0, mostNamed).map(({ reboot }) => nodeOf(reboot));
    const { needsPerson, retry } = first;
    return [{ cause, sentence: retry.cause, needsPerson, nodes: same.length, first: named }];
  });
};
