/** The slash command. Every answer is shown to the person who typed, and to nobody else. */
import type { DecisionRequest, StatusRow, StatusView } from '../../reboot/decisions.ts';
import type { Phase } from '../../reboot/reboot.ts';
import { day, hour, inWords, minute, type Millis } from '../../reboot/time.ts';
import type { KnownBlock } from '@slack/types';
import { message, type MessageView } from '../blocks.ts';
import { joined, say } from '../escape.ts';
import { help, isSubcommand, type Subcommand } from '../views/help.ts';
import { status, type LinkTo } from '../views/status.ts';
import { answer, trouble, type Desk, type Verdict } from './desk.ts';
import type { CommandPayload } from './payloads.ts';

interface Typed {
  readonly desk: Desk;
  readonly payload: CommandPayload;
  readonly words: readonly string[];
  readonly linkTo: LinkTo;
}

const handlers: Readonly<Record<Subcommand, (typed: Typed) => Promise<MessageView>>> = {
  status: (typed) => showStatus(typed),
  help: async ({ payload }) => help(payload.command),
  approve: (typed) => decideByName(typed, ([mode]) => approval(mode)),
  snooze: (typed) => decideByName(typed, ([span]) => snoozing(span, typed.desk.clock.now())),
  deny: (typed) => decideByName(typed, (rest) => denial(rest.join(' '))),
};

export async function onCommand(desk: Desk, payload: CommandPayload, linkTo: LinkTo): Promise<MessageView> {
  const [first = 'status', ...words] = unescaped(payload.text)
    .split(/\s+/)
    .filter((word) => word !== '');
  const subcommand = first.toLowerCase();
  if (!isSubcommand(subcommand)) return help(payload.command, first);
  try {
    return await handlers[subcommand]({ desk, payload, words, linkTo });
  } catch (error) {
    desk.logger.error('command failed', { subcommand, user: payload.user_id, err: error });
    return answer(trouble(error));
  }
}

/** Slack escapes what people type; it is escaped again when it is shown. */
const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trim();

async function showStatus({ desk, words, linkTo }: Typed): Promise<MessageView> {
  const [of] = words;
  const found: StatusView[] = [];
  const not: string[] = [];
  for (const decisions of desk.clusters.values()) {
    const reply = await decisions.status(of);
    if (reply.ok) found.push(reply.status);
    else not.push(reply.sentence);
  }
  if (found.length === 0) return answer(not[0] ?? 'This Tugboot serves no cluster.');
  return together(found.map((view) => status(view, linkTo)));
}

function together(views: readonly MessageView[]): MessageView {
  const [only] = views;
  if (views.length === 1 && only) return only;
  const blocks: KnownBlock[] = views.flatMap((view) => view.blocks);
  return message(joined([say`${views.length} clusters`], ''), blocks);
}

type Asked =
  | {
      readonly ok: true;
      readonly make: (row: StatusRow) => DecisionRequest;
      readonly done: (node: string) => string;
    }
  | { readonly ok: false; readonly sentence: string };

async function decideByName(typed: Typed, read: (rest: readonly string[]) => Asked): Promise<MessageView> {
  const [node, ...rest] = typed.words;
  if (node === undefined) return help(typed.payload.command);
  const asked = read(rest);
  if (!asked.ok) return answer(asked.sentence);
  const found = await findRow(typed, node);
  if (!found.ok) return answer(found.sentence);
  const verdict = await decide(typed, found, asked.make(found.row));
  return answer(verdict.ok ? asked.done(node) : verdict.sentence);
}

type Found =
  | { readonly ok: true; readonly cluster: string; readonly row: StatusRow }
  | { readonly ok: false; readonly sentence: string };

const over: ReadonlySet<Phase> = new Set(['Succeeded', 'Cancelled', 'Superseded'] as const);

async function findRow({ desk, payload }: Typed, node: string): Promise<Found> {
  let sentence = `There is nothing to decide about "${node}".`;
  for (const [cluster, decisions] of desk.clusters) {
    const reply = await decisions.status(node);
    if (!reply.ok) {
      sentence = reply.sentence;
      continue;
    }
    const row = reply.status.rows.find(({ reboot, phase }) => reboot.node.name === node && !over.has(phase));
    if (row === undefined) sentence = `${node} asks for nothing now.`;
    else return where(row, cluster, payload.channel_id);
  }
  return { ok: false, sentence };
}

/** Where everybody in the channel may approve, only the channel can say who that is: so it is decided there. */
function where(row: StatusRow, cluster: string, channel: string): Found {
  const card = row.reboot.chat.card;
  if (card?.channel === channel) return { ok: true, cluster, row };
  return {
    ok: false,
    sentence: `Decide about ${row.reboot.node.name} in the channel that has its card, where others can see it.`,
  };
}

function decide(
  { desk, payload }: Typed,
  { cluster, row }: Extract<Found, { ok: true }>,
  request: DecisionRequest,
): Promise<Verdict> {
  const { reboot } = row;
  const value = { cluster, reboot: reboot.name, node: reboot.node.name, digest: reboot.need.digest };
  const visitor = {
    userId: payload.user_id,
    teamId: payload.team_id,
    origin: { channel: payload.channel_id },
  };
  return desk.decide(value, visitor, request);
}

function approval(mode: string | undefined): Asked {
  if (mode !== undefined && mode !== 'now' && mode !== 'window') {
    return { ok: false, sentence: `Approve for what? Type "now" or "window" after the node, not "${mode}".` };
  }
  const chosen = mode ?? 'now';
  const make = ({ reboot }: StatusRow): DecisionRequest => ({
    kind: 'approve',
    mode: chosen,
    digest: reboot.need.digest,
  });
  const wished = chosen === 'now' ? 'to reboot now' : 'for the window';
  // Others may have to approve as well: the card knows.
  return {
    ok: true,
    make,
    done: (node) => `You approved ${node}, ${wished}. Its card says what happens next.`,
  };
}

/** Whoever snoozes for longer has forgotten about it, and so has everybody else. */
const longestSnooze: Millis = 30 * day;

const spans: Readonly<Record<string, Millis>> = { m: minute, h: hour, d: day };

function snoozing(span: string | undefined, now: number): Asked {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(span ?? '4h') ?? [];
  const size = unit === undefined ? undefined : spans[unit];
  if (count === undefined || size === undefined || Number(count) === 0) {
    return { ok: false, sentence: `"${span}" is no span. Spans look like 30m, 4h or 2d.` };
  }
  const length = Number(count) * size;
  if (length > longestSnooze) {
    const sentence = `${span} is too long: a reboot can be snoozed for ${inWords(longestSnooze)} at most. If it is not to happen at all, deny it.`;
    return { ok: false, sentence };
  }
  const until = now + length;
  return {
    ok: true,
    make: () => ({ kind: 'snooze', until }),
    done: (node) => `${node} asks again in ${inWords(until - now)}.`,
  };
}

const denial = (reason: string): Asked =>
  reason === ''
    ? { ok: false, sentence: 'Say why after the node: others will ask.' }
    : {
        ok: true,
        make: () => ({ kind: 'deny', reason }),
        done: (node) => `You denied the reboot of ${node}.`,
      };
