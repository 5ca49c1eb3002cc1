/** People at their keyboards: what they do in Slack, whatever is on the screen by then. */
import type { Parts } from '../../../demo/slack/assemble.ts';
import { placedElements } from '../../../demo/slack/acts/elements.ts';
import { personIn } from '../../../demo/slack/acts/person.ts';
import type { Message } from '../../../demo/slack/workspace/records.ts';
import { textAt } from '../../../demo/slack/json.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Act } from '../story/schedule.ts';

/** What a person did and what they got for it. */
export interface Answered {
  readonly at: number;
  readonly who: string;
  readonly what: string;
  /** Undefined: nothing. */
  readonly answer: string | undefined;
}

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
  const done = (said: string, answer: string | undefined): void =>
    deps.onDone({ at, who: id, what: said, answer });
  switch (what.kind) {
    case 'command': {
      const said = person.command(`/reboot ${what.line}`, { timeoutMs: 20_000 });
      void said.then(({ kind, text }) => done(`/reboot ${what.line}`, kind === 'nothing' ? undefined : text));
      return;
    }
    case 'home':
      void person.openHome().then(() => done('opens Home', 'home'));
      return;
    case 'click':
      click(deps, { id, ...what }, done);
  }
}

interface Click {
  readonly id: string;
  readonly action: string;
  readonly pick: number;
}

function click(deps: PeopleDeps, { id, action, pick }: Click, done: (what: string, answer?: string) => void): void {
  const { slack, channel, time } = deps;
  const shown = slack.workspace.messages(channel).filter((message) => hasAction(message, action));
  const message = shown[pick % Math.max(1, shown.length)];
  if (message === undefined) return;
  const person = personIn(slack, id, channel);
  const modals = new Set(slack.views.stack(id).map((view) => view.id));
  void person.click({ ts: message.ts, action }).then(
    ({ kind }) => {
      done(`${action} on ${message.ts}`, kind === 'failed' ? undefined : kind);
      // The modal that it opened, if it did.
      time.after(3_000, () => {
        const view = slack.views.stack(id).findLast((one) => !modals.has(one.id));
        if (view === undefined) return;
        const asks = JSON.stringify(view.body).includes('tugboot.reason');
        const values = asks ? { 'tugboot.reason': 'because of the chaos' } : {};
        person.submitModal({ view: view.id, values }).then(
          (submitted) => done(`submits ${textAt(view.body, 'callback_id')}`, submitted.kind),
          () => undefined,
        );
      });
    },
    () => undefined,
  );
}

const hasAction = ({ blocks = [], tombstone }: Message, action: string): boolean =>
  !tombstone && placedElements(blocks).filter(({ element }) => element['action_id'] === action).length === 1;
