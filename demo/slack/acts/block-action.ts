import type { Delivery } from '../socket/deliveries.ts';
import { objectAt, textAt, type JsonObject } from '../json.ts';
import { messageBody } from '../api/message-body.ts';
import { viewBody } from '../api/view-body.ts';
import type { View } from '../workspace/view-table.ts';
import type { Ephemeral, Message, User } from '../workspace/records.ts';
import type { ActDeps } from './deps.ts';
import { findElement, type Placed } from './elements.ts';
import { enteredIn, type Entry } from './input-values.ts';
import { interactionBase } from './payloads.ts';

/** `failed`: the app did not acknowledge, for which Slack's client shows a warning sign beside the button. */
export type Pressed =
  | { readonly kind: 'acked' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly why: 'timeout' | 'no-socket' };

export interface Press {
  /** Label or action id. */
  readonly action: string;
  readonly blockId?: string;
  /** The selected option of a menu, by value or label. */
  readonly option?: Entry;
  /** The response to the confirmation dialog, if the element has one. Default: yes. */
  readonly confirm?: boolean;
}

type Surface =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'ephemeral'; readonly ephemeral: Ephemeral }
  | { readonly kind: 'view'; readonly view: View };

/** Presses an element of a message, ephemeral ones included. */
export function pressOnMessage(
  deps: ActDeps,
  user: User,
  at: { readonly channel: string; readonly ts: string } & Press,
): Promise<Pressed> {
  const message = deps.workspace.message(at.channel, at.ts);
  if (message !== undefined) return press(deps, user, { kind: 'message', message }, at);
  const ephemeral = deps.workspace.ephemerals(user.id).find(({ ts }) => ts === at.ts);
  if (ephemeral === undefined) throw new Error(`there is no message ${at.ts} in ${at.channel}`);
  return press(deps, user, { kind: 'ephemeral', ephemeral }, at);
}

export const pressInView = (deps: ActDeps, user: User, view: View, what: Press): Promise<Pressed> =>
  press(deps, user, { kind: 'view', view }, what);

function blocksOn(surface: Surface): readonly JsonObject[] {
  if (surface.kind === 'message') return surface.message.blocks ?? [];
  if (surface.kind === 'ephemeral') return surface.ephemeral.blocks;
  const blocks = surface.view.body['blocks'];
  return Array.isArray(blocks) ? (blocks as readonly JsonObject[]) : [];
}

/**
 * Blocks without a block_id in the app's request get a new one with every edit. A press during an edit is
 * therefore matched by its action if the block is gone.
 */
function meant(blocks: readonly JsonObject[], { action, blockId }: Press): Placed {
  const stands = blockId !== undefined && blocks.some((block) => textAt(block, 'block_id') === blockId);
  return findElement(blocks, action, stands ? blockId : undefined);
}

async function press(deps: ActDeps, user: User, surface: Surface, what: Press): Promise<Pressed> {
  const placed = meant(blocksOn(surface), what);
  if (objectAt(placed.element, 'confirm') !== undefined && what.confirm === false)
    return { kind: 'cancelled' };
  const mark = marker(deps, user, surface, placed);
  mark('busy');
  const delivery = await deps.hub.deliver({
    type: 'interactive',
    payload: payloadOf(deps, user, surface, { placed, entry: what.option ?? null }),
    acceptsResponse: true,
  });
  mark(delivery.kind === 'acked' ? 'idle' : 'failed');
  return pressedBy(delivery);
}

const pressedBy = (delivery: Delivery): Pressed =>
  delivery.kind === 'acked' ? { kind: 'acked' } : { kind: 'failed', why: delivery.kind };

function marker(deps: ActDeps, user: User, surface: Surface, { block, element }: Placed) {
  return (state: 'busy' | 'idle' | 'failed'): void =>
    deps.changes.emit({
      kind: 'action',
      mark: {
        user: user.id,
        container: containerId(surface),
        blockId: textAt(block, 'block_id'),
        actionId: textAt(element, 'action_id'),
        state,
      },
    });
}

function containerId(surface: Surface): string {
  if (surface.kind === 'view') return surface.view.id;
  return surface.kind === 'message' ? surface.message.ts : surface.ephemeral.ts;
}

function payloadOf(
  deps: ActDeps,
  user: User,
  surface: Surface,
  { placed, entry }: { readonly placed: Placed; readonly entry: Entry },
): JsonObject {
  const { block, element } = placed;
  return {
    ...interactionBase(deps.workspace, 'block_actions', user),
    trigger_id: deps.triggers.issue({
      user: user.id,
      inModal: surface.kind === 'view' && surface.view.kind === 'modal',
    }),
    ...surfaceFields(deps, user, surface),
    actions: [
      {
        action_id: textAt(element, 'action_id'),
        block_id: textAt(block, 'block_id'),
        ...(element['type'] === 'button' ? { text: element['text'] ?? null } : {}),
        ...('style' in element ? { style: element['style'] ?? '' } : {}),
        ...enteredIn(element, entry),
        action_ts: deps.workspace.stamp(),
      },
    ],
  };
}

function surfaceFields(deps: ActDeps, user: User, surface: Surface): JsonObject {
  if (surface.kind === 'view') {
    return {
      container: { type: 'view', view_id: surface.view.id },
      view: viewBody(deps.workspace, surface.view),
    };
  }
  const ephemeral = surface.kind === 'ephemeral';
  const place = ephemeral ? surface.ephemeral : surface.message;
  const channel = deps.workspace.channel(place.channel);
  return {
    container: {
      type: 'message',
      message_ts: place.ts,
      channel_id: place.channel,
      is_ephemeral: ephemeral,
      ...(place.threadTs === undefined ? {} : { thread_ts: place.threadTs }),
    },
    channel: { id: place.channel, name: channel?.name ?? '' },
    // Slack does not store ephemeral messages: their payloads carry no `message`.
    ...(surface.kind === 'message' ? { message: messageBody(deps.workspace, surface.message) } : {}),
    state: { values: {} },
    response_url: deps.responseUrls.issue({
      user: user.id,
      channel: place.channel,
      ...(place.threadTs === undefined ? {} : { threadTs: place.threadTs }),
      source: { ts: place.ts, ephemeral },
    }),
  };
}
