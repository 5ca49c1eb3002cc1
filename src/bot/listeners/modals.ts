/** Opens modals, and replaces what they show. */
import type { ModalView } from '@slack/types';
import type { Actor, InteractionHandler } from './interaction-handler.ts';

export interface ModalOpening {
  readonly handler: InteractionHandler;
  readonly actor: Actor;
  readonly triggerId: string;
}

/**
 * A trigger_id is valid for three seconds: the modal is opened before any other call. Returns its id, or
 * undefined if it could not be opened; the person has been told then.
 */
export async function openModal(
  { handler, actor, triggerId }: ModalOpening,
  view: ModalView,
): Promise<string | undefined> {
  try {
    const answer = await handler.gateway.call('views.open', { trigger_id: triggerId, view });
    return viewIdOf(answer['view']);
  } catch (error) {
    handler.logger.warn('modal could not be opened', { user: actor.userId, err: error });
    await handler.notifyActor(actor, 'Slack did not open the dialog in time. Nothing was done; click again.');
    return undefined;
  }
}

const viewIdOf = (view: unknown): string | undefined =>
  typeof view === 'object' && view !== null && 'id' in view && typeof view.id === 'string'
    ? view.id
    : undefined;

export async function updateModal(
  { gateway, logger }: InteractionHandler,
  viewId: string,
  view: ModalView,
): Promise<void> {
  try {
    await gateway.call('views.update', { view_id: viewId, view });
  } catch (error) {
    // The modal was closed, or Slack is unreachable: it keeps its content.
    logger.warn('modal could not be updated', { view: viewId, err: error });
  }
}
