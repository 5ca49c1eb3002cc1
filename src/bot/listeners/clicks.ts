/** Handlers of the buttons. */
import type { ModalView } from '@slack/types';
import {
  decodeValue,
  isCardActionId,
  isDigestActionId,
  isListActionId,
  listActionIds,
  type CardActionId,
  type ButtonValue,
  type PlainDecision,
} from '../payload/action-ids.ts';
import { decodeDigest } from '../payload/digest-values.ts';
import { denyModal, forceModal, snoozeModal } from '../views/answers/decision-modals.ts';
import { decideModal } from '../views/answers/decide-modal.ts';
import { detailsLoading, detailsMissing, detailsModal } from '../views/answers/details.ts';
import { handledDigestActions, onDigestClick, onModalClick } from './digest-clicks.ts';
import { plainOne } from './given-input.ts';
import { onListClick, type Replace } from './list-clicks.ts';
import { openModal } from './modals.ts';
import { errorSentence } from '../error-sentence.ts';
import type { Actor, InteractionHandler } from './interaction-handler.ts';
import type { ClickPayload } from './payloads.ts';
import { answerUnserved } from './unserved.ts';
import { unservedCluster } from './unserved-sentence.ts';

interface Click {
  readonly handler: InteractionHandler;
  readonly value: ButtonValue;
  readonly actor: Actor;
  readonly triggerId: string;
}

/** Where the pool demands an input, a modal asks for it; the button has no dialog of its own then. */
const deciding = (decision: PlainDecision) => async (click: Click) => {
  const { handler, value, actor } = click;
  const { pool, ...rest } = value;
  const demands = pool === undefined ? undefined : handler.clusters.get(value.cluster)?.demands(pool);
  if (demands === undefined) await handler.submit(rest, actor, plainOne(decision, value.seen));
  else await openOnly(click, decideModal({ value, origin: actor.origin }, decision, demands));
};

const handlers: Readonly<Record<CardActionId, (click: Click) => Promise<void>>> = {
  'tugboot.approve-now': deciding('approve-now'),
  'tugboot.approve-window': deciding('approve-window'),
  'tugboot.ask-again': deciding('ask-again'),
  'tugboot.cancel': deciding('cancel'),
  'tugboot.retry': deciding('retry'),
  'tugboot.skip': deciding('skip'),
  'tugboot.snooze': (click) => openOnly(click, snoozeModal(click.value, click.actor.origin)),
  'tugboot.deny': (click) => openOnly(click, denyModal(click.value, click.actor.origin)),
  'tugboot.force': (click) => openOnly(click, forceModal(click.value, click.actor.origin)),
  'tugboot.details': (click) => showDetails(click),
  'tugboot.go-on': ({ handler, value, actor }) =>
    handler.submit(value, actor, { kind: 'go-on', seen: value.seen }),
};

export const handledActions = [...Object.keys(handlers), ...handledDigestActions, ...listActionIds];

/** Every click is answered, also one on an unknown button or with an invalid value. */
export async function onClick(
  handler: InteractionHandler,
  payload: ClickPayload,
  replace: Replace,
): Promise<void> {
  const action = payload.actions[0];
  if (action !== undefined && payload.view !== undefined && payload.view.type !== 'home') {
    await onModalClick(handler, payload, payload.view);
    return;
  }
  const actor = actorOf(payload);
  if (action === undefined || actor === undefined) return;
  const cluster = unservedIn(handler, action);
  if (cluster !== undefined) {
    await answerUnserved(handler, actor, { cluster, message: payload.message });
    return;
  }
  if (isDigestActionId(action.action_id)) {
    const { trigger_id: triggerId } = payload;
    await onDigestClick({ handler, actor, triggerId }, action.action_id, action.value ?? '');
    return;
  }
  if (isListActionId(action.action_id)) {
    await onListClick(handler, actor, { text: action.value ?? '', replace });
    return;
  }
  if (!isCardActionId(action.action_id)) {
    await handler.notifyActor(
      actor,
      'This button is not known here any more. The current card has the current buttons.',
    );
    return;
  }
  const decoded = decodeValue(action.value ?? '');
  if (!decoded.ok) {
    handler.logger.warn('button value cannot be read', { action: action.action_id, field: decoded.field });
    await handler.notifyActor(
      actor,
      `This button cannot be read (its ${decoded.field} is wrong), so nothing was done. Use the buttons of the current card.`,
    );
    return;
  }
  await handlers[action.action_id]({ handler, value: decoded.value, actor, triggerId: payload.trigger_id });
}

/** The cluster that a button of a card or digest names, if it is not served. */
function unservedIn(
  { clusters }: InteractionHandler,
  { action_id: id, value }: ClickPayload['actions'][number],
): string | undefined {
  const decoded = isDigestActionId(id) ? decodeDigest(value ?? '') : decodeValue(value ?? '');
  if (!decoded.ok || !(isDigestActionId(id) || isCardActionId(id))) return undefined;
  return clusters.has(decoded.value.cluster) ? undefined : decoded.value.cluster;
}

/**
 * An ephemeral answer in a thread is visible only to people who have the thread open. It goes there only if
 * the button is in a reply; answers to the card's own buttons go to the channel (Slack: chat.postEphemeral,
 * thread_ts).
 */
function actorOf({ user, channel, message, view }: ClickPayload): Actor | undefined {
  if (view?.type === 'home') return { userId: user.id, teamId: user.team_id, origin: { home: true } };
  if (channel === undefined) return undefined;
  const threadTs = message?.thread_ts === message?.ts ? undefined : message?.thread_ts;
  return {
    userId: user.id,
    teamId: user.team_id,
    origin: { channel: channel.id, ...(threadTs ? { threadTs } : {}) },
  };
}

/** The modal shows what is known, and follows it while it is open. */
async function showDetails(click: Click): Promise<void> {
  const { handler, value } = click;
  const viewId = await openModal(click, detailsLoading(value.node));
  if (viewId === undefined) return;
  await handler.live.show({
    key: `modal ${viewId}`,
    render: () => findDetails(click),
    publish: (view, hash) =>
      handler.gateway.call('views.update', {
        view_id: viewId,
        view,
        ...(hash === undefined ? {} : { hash }),
      }),
  });
}

async function findDetails({ handler, value }: Click): Promise<ModalView> {
  const decisions = handler.clusters.get(value.cluster);
  if (decisions === undefined)
    return detailsMissing(
      unservedCluster(value.cluster, [...handler.clusters.keys()], handler.isAppShared()),
    );
  try {
    const found = await decisions.details(value.reboot);
    return found ? detailsModal(found) : detailsMissing(`Reboot ${value.reboot} is not kept any more.`);
  } catch (error) {
    handler.logOf(value.cluster).error('details could not be read', { reboot: value.reboot, err: error });
    return detailsMissing(errorSentence(error));
  }
}

async function openOnly(click: Click, view: ModalView): Promise<void> {
  await openModal(click, view);
}
