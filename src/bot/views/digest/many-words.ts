/** What a decision for many is called: before it is taken, after it, and in the message of a digest. */
import type { SnoozeUntil } from '../../../reboot/approval/snooze-times.ts';
import type { ManyRequest } from '../../../reboot/pool-digest/many-request.ts';
import { say, when, type Mrkdwn } from '../../blocks/escape.ts';
import { counted, ticketsOf } from '../phrases.ts';

interface Words<Request> {
  /** For a button: what it does to so many. */
  readonly act: (nodes: number, request: Request) => string;
  /** For the person who has decided: `on` is "12 nodes of pool workers". */
  readonly done: (on: string, request: Request) => Mrkdwn;
  /** For everybody. */
  readonly decided: (request: Request) => Mrkdwn;
}

type Of<Kind extends ManyRequest['kind']> = Extract<ManyRequest, { readonly kind: Kind }>;

const forWhat = ({ mode }: Of<'approve'>): string => (mode === 'now' ? 'for now' : 'for the window');
const atMost = ({ atMost: most }: Of<'approve'>): string => (most === undefined ? '' : `, ${most} at a time`);

const because = ({ reason }: { readonly reason?: string }): Mrkdwn =>
  reason === undefined ? say`` : say` ("${reason}")`;

const momentWords: Readonly<Record<Exclude<SnoozeUntil, number>, string>> = {
  tonight: 'until tonight, 20:00 where their pool is',
  morning: 'until tomorrow morning, 9:00 where their pool is',
  'next-window': 'until the next window opens',
};

export const untilWords = (until: SnoozeUntil): Mrkdwn =>
  typeof until === 'number' ? say`until ${when(until)}` : say`${momentWords[until]}`;

const words: { readonly [Kind in ManyRequest['kind']]: Words<Of<Kind>> } = {
  approve: {
    act: (nodes, request) => `Approve ${counted(nodes, 'node')} ${forWhat(request)}`,
    done: (on, request) => say`You approved ${on}, ${forWhat(request)}${atMost(request)}.`,
    decided: (request) =>
      say`Approved ${forWhat(request)}${atMost(request)}${ticketsOf([request])}${because(request)}`,
  },
  snooze: {
    act: (nodes) => `Snooze ${counted(nodes, 'node')}`,
    done: (on, { until }) => say`You snoozed ${on} ${untilWords(until)}.`,
    decided: (request) => say`Snoozed ${untilWords(request.until)}${because(request)}`,
  },
  deny: {
    act: (nodes) => `Deny ${counted(nodes, 'node')}`,
    done: (on) => say`You denied ${on}.`,
    decided: (request) => say`Denied${because(request)}`,
  },
  'ask-again': {
    act: (nodes) => `Ask again about ${counted(nodes, 'node')}`,
    done: (on) => say`You asked again about ${on}.`,
    decided: (request) => say`Asked again${because(request)}`,
  },
  cancel: {
    act: (nodes) => `Cancel ${counted(nodes, 'reboot')}`,
    done: (on) => say`You cancelled the reboots of ${on}.`,
    decided: (request) => say`Cancelled${because(request)}`,
  },
  retry: {
    act: (nodes) => `Retry ${counted(nodes, 'node')}`,
    done: (on) => say`You retried ${on}.`,
    decided: (request) => say`Retried${because(request)}`,
  },
  skip: {
    act: (nodes) => `Skip ${counted(nodes, 'node')}`,
    done: (on) => say`You gave up the reboots of ${on}.`,
    decided: (request) => say`Given up${because(request)}`,
  },
  force: {
    act: (nodes) => `Force ${counted(nodes, 'drain')}`,
    done: (on) => say`You forced the drains of ${on}.`,
    decided: (request) => say`Forced${because(request)}`,
  },
};

const wordsFor = (request: ManyRequest): Words<ManyRequest> => words[request.kind] as Words<ManyRequest>;

export const actOn = (request: ManyRequest, nodes: number): string => wordsFor(request).act(nodes, request);
export const doneOn = (request: ManyRequest, on: string): Mrkdwn => wordsFor(request).done(on, request);
export const decidedWords = (request: ManyRequest): Mrkdwn => wordsFor(request).decided(request);
