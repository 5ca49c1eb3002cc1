/** A card's title, and its status line: state and decision. */
import { inWords } from '../../../reboot/time/time.ts';
import { pendingHook, waitOf } from '../../../reboot/deadlines/hook-waits.ts';
import type { CardData } from '../../../reboot/card/card-facts.ts';
import type { Decision } from '../../../reboot/state/decision.ts';
import type { DrainRetry } from '../../../reboot/state/undo-facts.ts';
import type { Failed, FailureCode, Reboot, Superseded } from '../../../reboot/state/reboot.ts';
import { needsUncordon, overdueSentence } from '../../../reboot/words/words.ts';
import { say, type Mrkdwn } from '../../blocks/escape.ts';
import { byPhase, type ByPhase } from './by-phase.ts';
import { approvedBy, atTimestamp, between, by, iconFor, reasonsOf } from '../phrases.ts';

export const headline = (reboot: Reboot): string =>
  `${iconFor(reboot)} ${statement(reboot)}${afterwards(reboot)}`;

const afterwards = (reboot: Reboot): string => {
  if (overdueSentence(reboot) !== undefined) return ', and it does not go down';
  return needsUncordon(reboot) ? ' and stays cordoned' : '';
};

const statement = ({ node, state }: Reboot): string => byPhase(statements, state, node.name);

const statements: ByPhase<[node: string], string> = {
  Pending: (_, node) => `${node} asks for a reboot`,
  Snoozed: (_, node) => `${node}: reboot snoozed`,
  Denied: (_, node) => `${node}: reboot denied`,
  Approved: ({ retry }, node) =>
    retry === undefined ? `${node}: reboot approved, waits for its start` : `${node} ${retrying(retry)}`,
  Draining: (state, node) =>
    `${node} ${draining[pendingHook(state) ? 'order' : (waitOf(state)?.before ?? 'now')]}`,
  Undoing: (_, node) => `${node} is being put back, its drain is undone`,
  Rebooting: (_, node) => `${node} is rebooting`,
  Settling: (_, node) => `${node} is back and settling`,
  Succeeded: (state, node) => `${node} rebooted in ${inWords(state.took.total)}`,
  Failed: (state, node) => `${node} ${failures[state.code]}`,
  GivenUp: (_, node) => `${node}: reboot given up`,
  Cancelled: (_, node) => `${node}: reboot cancelled`,
  Superseded: (state, node) => `${node} ${superseded[state.why]}`,
};

const retrying = ({ needsPerson }: DrainRetry): string =>
  needsPerson === undefined
    ? 'was put back and waits for its next try'
    : 'could not be drained, and waits for somebody to decide';

const draining = {
  now: 'is draining',
  drain: 'is cordoned and drains soon',
  order: 'is drained and reboots soon',
} as const;

/** The failure as a predicate, to follow the node's name. */
export const failures: Readonly<Record<FailureCode, string>> = {
  'drain-refused': 'cannot be drained',
  'drain-timeout': 'did not drain in time',
  'drain-error': 'could not be drained',
  'uncordoned-by-other': 'was uncordoned by somebody else',
  'did-not-reboot': 'did not reboot',
  'did-not-come-back': 'did not come back',
  'not-healthy': 'is back and not healthy',
  'still-required': 'rebooted and still asks for a reboot',
  'wrong-kernel': 'came back with the wrong kernel',
  'rebooted-again': 'rebooted a second time',
  'hook-failed': 'was stopped by a hook of its pool',
};

const superseded: Readonly<Record<Superseded['why'], string>> = {
  booted: 'has booted without Tugboot',
  'node-gone': 'is gone from the cluster',
  'node-replaced': 'was replaced by another machine',
  'no-longer-required': 'no longer asks for a reboot',
};

/** Status line: decision, people and time. */
export const statusLine = ({ reboot }: CardData): Mrkdwn => byPhase(statuses, reboot.state, reboot);

const approved = ({ decision }: { readonly decision: Decision }): Mrkdwn =>
  say`Approved by ${approvedBy(decision)}${reasonsOf(decision.approvals)} · ${atTimestamp(decision.at)}`;

const statuses: ByPhase<[reboot: Reboot], Mrkdwn> = {
  Pending: (state) =>
    state.approvals.length === 0 ? say`Waits for a decision` : say`Waits for more approvals`,
  Snoozed: (state) =>
    say`Snoozed by ${by(state.by)} until ${atTimestamp(state.until)}${because(state.reason)}`,
  Denied: (state) => say`Denied by ${by(state.by)} ${atTimestamp(state.since)}${because(state.reason)}`,
  Approved: approved,
  Draining: approved,
  Undoing: approved,
  Rebooting: approved,
  Settling: approved,
  Succeeded: approved,
  Failed: (state) => failedStatus(state),
  Cancelled: (state) => say`Cancelled by ${by(state.by)} ${atTimestamp(state.since)}${because(state.reason)}`,
  GivenUp: (state) =>
    say`Given up by ${by(state.by)} · ${atTimestamp(state.since)} · had failed ${atTimestamp(state.failedAt)}`,
  Superseded: ({ since }, { cleanup }) =>
    say`Noticed ${atTimestamp(since)}.${cleanup?.staysCordoned ? say`` : say` Nothing is left to do here.`}`,
};

const failedStatus = (state: Failed): Mrkdwn =>
  say`Approved by ${approvedBy(state.from.decision)} · ${atTimestamp(state.from.decision.at)} · failed ${atTimestamp(state.since)}, after ${between(state.from.since, state.since)}`;

const because = (reason: string | undefined): Mrkdwn => (reason ? say`: "${reason}"` : say``);
