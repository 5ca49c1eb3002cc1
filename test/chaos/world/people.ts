/** People at their keyboards: what they do in Slack, whatever is on the screen by then. */
import type { Parts } from '../../../demo/slack/assemble.ts';
import { placedElements } from '../../../demo/slack/acts/elements.ts';
import { type Person, personIn } from '../../../demo/slack/acts/person.ts';
import type { Message } from '../../../demo/slack/workspace/records.ts';
import { textAt } from '../../../demo/slack/json.ts';
import type { Answered } from '../oracle/oracle.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Act } from '../story/schedule.ts';

export interface PeopleDeps {
  readonly slack: Parts;
  readonly channel: string;
  readonly time: VirtualTime;
  readonly onDone: (done: Answered) => void;
}

export const userIds = { mia: 'U0MIA', lee: 'U0LEE', sam: 'U0SAM', gio: 'U0GIO' } as const;

export function act(deps: PeopleDeps, { who, what }: Act): void {
  const id = userIds[who];
  const person = personIn(deps.slack, id, deps.channel);
  const at = deps.time.now();
  const done: Done = (said, answer) => deps.onDone({ at, who: id, what: said, answer });
  switch (what.kind) {
    case 'command':
      void command(person, what.line, done);
      return;
    case 'home':
      void person.openHome();
      return;
    case 'click':
      void click(deps, { id, ...what }, done).catch(() => undefined);
  }
}

type Done = (what: string, answer: string | undefined) => void;

async function command(person: Person, line: string, done: Done): Promise<void> {
  const { kind, text } = await person.command(`/reboot ${line}`, { timeoutMs: 20_000 });
  done(`/reboot ${line}`, kind === 'nothing' ? undefined : text);
}

interface Click {
  readonly id: string;
  readonly action: string;
  readonly pick: number;
}

/** Rejects where the button is gone by then. */
async function click(deps: PeopleDeps, { id, action, pick }: Click, done: Done): Promise<void> {
  const { slack, channel, time } = deps;
  const shown = slack.workspace.messages(channel).filter((message) => hasAction(message, action));
  const message = shown[pick % Math.max(1, shown.length)];
  if (message === undefined) return;
  const person = personIn(slack, id, channel);
  const modals = new Set(slack.views.stack(id).map((view) => view.id));
  const { kind } = await person.click({ ts: message.ts, action });
  done(`${action} on ${message.ts}`, kind === 'failed' ? undefined : kind);
  await new Promise<void>((resolve) => void time.after(3_000, resolve));
  // The modal that it opened, if it did.
  const view = slack.views.stack(id).findLast((one) => !modals.has(one.id));
  if (view === undefined) return;
  const asks = JSON.stringify(view.body).includes('tugboot.reason');
  const values = asks ? { 'tugboot.reason': 'because of the chaos' } : {};
  const submitted = await person.submitModal({ view: view.id, values });
  done(`submits ${textAt(view.body, 'callback_id')}`, submitted.kind);
}

const hasAction = ({ blocks = [], tombstone }: Message, action: string): boolean =>
  !tombstone && placedElements(blocks).filter(({ element }) => element['action_id'] === action).length === 1;
