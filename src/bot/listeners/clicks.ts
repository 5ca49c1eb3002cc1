/** What each button does. */
import type { ModalView } from '@slack/types';
import { decodeValue, isActionId, type ActionId, type ButtonValue } from '../action-ids.ts';
import { denyModal, forceModal, snoozeModal } from '../views/answers/decision-modals.ts';
import { details, detailsLoading, detailsMissing } from '../views/answers/details.ts';
import { trouble, type Desk, type Visitor } from './interaction-handler.ts';
import type { ClickPayload } from './payloads.ts';

interface Click {
  readonly desk: Desk;
  readonly value: ButtonValue;
  readonly visitor: Visitor;
  readonly triggerId: string;
}

const handlers: Readonly<Record<ActionId, (click: Click) => Promise<void>>> = {
  'tugboot.approve-now': ({ desk, value, visitor }) =>
    desk.handIn(value, visitor, { kind: 'approve', mode: 'now', digest: value.digest }),
  'tugboot.approve-window': ({ desk, value, visitor }) =>
    desk.handIn(value, visitor, { kind: 'approve', mode: 'window', digest: value.digest }),
  'tugboot.ask-again': ({ desk, value, visitor }) => desk.handIn(value, visitor, { kind: 'ask-again' }),
  'tugboot.cancel': ({ desk, value, visitor }) => desk.handIn(value, visitor, { kind: 'cancel' }),
  'tugboot.retry': ({ desk, value, visitor }) => desk.handIn(value, visitor, { kind: 'retry' }),
  'tugboot.skip': ({ desk, value, visitor }) => desk.handIn(value, visitor, { kind: 'skip' }),
  'tugboot.snooze': (click) => openOnly(click, snoozeModal(click.value, click.visitor.origin)),
  'tugboot.deny': (click) => openOnly(click, denyModal(click.value, click.visitor.origin)),
  'tugboot.force': (click) => openOnly(click, forceModal(click.value, click.visitor.origin)),
  'tugboot.details': (click) => showDetails(click),
  // What the digest showed stands where a card's button has the digest of its packages.
  'tugboot.go-on': ({ desk, value, visitor }) =>
    desk.handIn(value, visitor, { kind: 'go-on', seen: value.digest }),
};

export const handledActions = Object.keys(handlers);

/** Answers every click: an unknown button, and a value that nobody of us wrote, too. */
export async function onClick(desk: Desk, payload: ClickPayload): Promise<void> {
  const action = payload.actions[0];
  const visitor = visitorOf(payload);
  if (action === undefined || visitor === undefined) return;
  if (!isActionId(action.action_id)) {
    await desk.tell(
      visitor,
      'This button is not known here any more. The current card has the current buttons.',
    );
    return;
  }
  const decoded = decodeValue(action.value ?? '');
  if (!decoded.ok) {
    desk.logger.warn('button value cannot be read', { action: action.action_id, field: decoded.field });
    await desk.tell(
      visitor,
      `This button cannot be read (its ${decoded.field} is wrong), so nothing was done. Use the buttons of the current card.`,
    );
    return;
  }
  await handlers[action.action_id]({ desk, value: decoded.value, visitor, triggerId: payload.trigger_id });
}

/**
 * An answer in a thread is shown only to those who have the thread open, so it goes there only when the button stands in a reply; the
 * card's own answers go beside the card (Slack: chat.postEphemeral, thread_ts).
 */
function visitorOf({ user, channel, message }: ClickPayload): Visitor | undefined {
  if (channel === undefined) return undefined;
  const threadTs = message?.thread_ts === message?.ts ? undefined : message?.thread_ts;
  return {
    userId: user.id,
    teamId: user.team_id,
    origin: { channel: channel.id, ...(threadTs ? { threadTs } : {}) },
  };
}

/** A trigger is good for three seconds: whoever opens a modal asks nobody anything before. */
async function open({ desk, visitor, triggerId }: Click, view: ModalView): Promise<string | undefined> {
  try {
    const answer = await desk.gateway.ask('views.open', { trigger_id: triggerId, view });
    return viewIdOf(answer['view']);
  } catch (error) {
    desk.logger.warn('modal could not be opened', { user: visitor.userId, err: error });
    await desk.tell(visitor, 'Slack did not open the dialog in time. Nothing was done; click again.');
    return undefined;
  }
}

const viewIdOf = (view: unknown): string | undefined =>
  typeof view === 'object' && view !== null && 'id' in view && typeof view.id === 'string'
    ? view.id
    : undefined;

async function showDetails(click: Click): Promise<void> {
  const { desk, visitor, value } = click;
  const viewId = await open(click, detailsLoading(value.node));
  if (viewId === undefined) return;
  try {
    await desk.gateway.ask('views.update', { view_id: viewId, view: await findDetails(click) });
  } catch (error) {
    // Closed in the meantime, or Slack is in trouble: the modal says what it said.
    desk.logger.warn('details could not be shown', { user: visitor.userId, err: error });
  }
}

async function findDetails({ desk, value }: Click): Promise<ModalView> {
  try {
    const reboot = await desk.clusters.get(value.cluster)?.find(value.reboot);
    return reboot
      ? details(value.cluster, reboot)
      : detailsMissing(`Reboot ${value.reboot} is not kept any more.`);
  } catch (error) {
    desk.logger.error('details could not be read', { reboot: value.reboot, err: error });
    return detailsMissing(trouble(error));
  }
}

async function openOnly(click: Click, view: ModalView): Promise<void> {
  await open(click, view);
}
