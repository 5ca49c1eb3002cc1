/** Handlers of the buttons of a pool digest, and of the inputs of its modals that take effect at once. */
import type { ModalView } from '@slack/types';
import {
  filterIds,
  isDigestActionId,
  isFilterId,
  type DigestActionId,
  type FilterId,
  type PlainDecision,
} from '../payload/action-ids.ts';
import {
  decodeDigest,
  decodeDigestOrigin,
  type DigestOrigin,
  type DigestValue,
  type MemberFilter,
} from '../payload/digest-values.ts';
import {
  all,
  chooseLoading,
  chooseMissing,
  chooseModal,
  type ChosenMembers,
} from '../views/digest/choose-modal.ts';
import {
  digestDecideModal,
  digestDenyModal,
  digestForceModal,
  digestSnoozeModal,
} from '../views/digest/digest-modals.ts';
import { nodesModal } from '../views/digest/nodes-modal.ts';
import type { InteractionHandler } from './interaction-handler.ts';
import { plainMany } from './given-input.ts';
import { decideFitting, findMembers } from './many.ts';
import { openModal, updateModal, type ModalOpening } from './modals.ts';
import type { ClickPayload } from './payloads.ts';

interface DigestClick extends ModalOpening {
  readonly value: DigestValue;
}

type Show = (members: ChosenMembers, about: DigestOrigin) => ModalView;

/** The buttons of the message; those that turn pages are in its modals. */
const handlers: Readonly<
  Record<
    Exclude<DigestActionId, 'tugboot.digest.earlier' | 'tugboot.digest.later'>,
    (click: DigestClick) => Promise<unknown>
  >
> = {
  'tugboot.digest.approve-now': (click) => decide(click, 'approve-now'),
  'tugboot.digest.approve-window': (click) => decide(click, 'approve-window'),
  'tugboot.digest.ask-again': (click) => decide(click, 'ask-again'),
  'tugboot.digest.cancel': (click) => decide(click, 'cancel'),
  'tugboot.digest.retry': (click) => decide(click, 'retry'),
  'tugboot.digest.skip': (click) => decide(click, 'skip'),
  'tugboot.digest.force': (click) => openModal(click, digestForceModal(aboutOf(click))),
  'tugboot.digest.snooze': (click) => openModal(click, digestSnoozeModal(aboutOf(click))),
  'tugboot.digest.deny': (click) => openModal(click, digestDenyModal(aboutOf(click))),
  'tugboot.digest.choose': (click) => openList(click, chooseModal),
  'tugboot.digest.details': (click) => openList(click, nodesModal),
};

const inModals = { 'tugboot.digest.earlier': nodesModal, 'tugboot.digest.later': nodesModal } as const;

export const handledDigestActions = [...Object.keys(handlers), ...Object.keys(inModals)];

export async function onDigestClick(
  opening: ModalOpening,
  action: DigestActionId,
  text: string,
): Promise<void> {
  const { handler, actor } = opening;
  const decoded = decodeDigest(text);
  if (decoded.ok && action in handlers) {
    await handlers[action as keyof typeof handlers]({ ...opening, value: decoded.value });
    return;
  }
  handler.logger.warn('button of a digest cannot be read', { action });
  await handler.notifyActor(
    actor,
    'This button cannot be read, so nothing was done. Use the buttons of the current message.',
  );
}

const aboutOf = ({ value, actor }: DigestClick): DigestOrigin => ({
  value,
  origin: actor.origin,
  filter: {},
});

/** As on a card: where the pool demands an input, a modal asks for it. */
async function decide(click: DigestClick, decision: PlainDecision): Promise<void> {
  const { handler, value } = click;
  const demands = value.asks === true ? handler.clusters.get(value.cluster)?.demands(value.pool) : undefined;
  if (demands === undefined) await decideFitting(click, plainMany(decision));
  else await openModal(click, digestDecideModal(aboutOf(click), decision, demands));
}

async function openList(click: DigestClick, show: Show): Promise<void> {
  const viewId = await openModal(click, chooseLoading(click.value.pool));
  if (viewId !== undefined) await list(click.handler, viewId, { about: aboutOf(click), show });
}

async function list(
  handler: InteractionHandler,
  viewId: string,
  { about, show }: { readonly about: DigestOrigin; readonly show: Show },
): Promise<void> {
  const found = await findMembers(handler, about.value);
  await updateModal(handler, viewId, found.ok ? show(found, about) : chooseMissing(found.sentence));
}

/** A page is turned, or a filter changed. The modal carries what it is about. */
export async function onModalClick(
  handler: InteractionHandler,
  { actions: [action] }: ClickPayload,
  view: NonNullable<ClickPayload['view']>,
): Promise<void> {
  const decoded = decodeDigestOrigin(view.private_metadata);
  if (action === undefined || !decoded.ok) return;
  const about = decoded.value;
  const { action_id: id } = action;
  if (isFilterId(id)) {
    const entered = action.selected_option?.value ?? action.value ?? '';
    const filter = withEntered(about.filter, id, entered.trim());
    await list(handler, view.id, { about: { ...about, filter }, show: chooseModal });
    return;
  }
  const turned = decodeDigest(action.value ?? '');
  if (isDigestActionId(id) && id in inModals && turned.ok)
    await list(handler, view.id, { about: { ...about, value: turned.value }, show: nodesModal });
}

const fields = Object.fromEntries(Object.entries(filterIds).map(([field, id]) => [id, field]));

function withEntered(filter: MemberFilter, id: FilterId, entered: string): MemberFilter {
  const field = fields[id] ?? '';
  const { [field as keyof MemberFilter]: _before, ...others } = filter;
  return entered === '' || entered === all ? others : { ...others, [field]: entered };
}
