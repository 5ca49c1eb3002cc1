/** The ids and values of Slack interactions. Every one that Slack sends back was encoded here. */
import type { DecisionKind } from '../../reboot/approval/decision-request.ts';
import type { Instant } from '../../reboot/time/time.ts';
import { limits } from '../blocks/limits.ts';
import { type Decoded, isName, optionalIn, type Origin, originIn } from './origin.ts';

/** Decisions that a click takes, unless their pool demands an input with them. */
export const plainDecisions = [
  'approve-now',
  'approve-window',
  'ask-again',
  'cancel',
  'retry',
  'skip',
] as const;
export type PlainDecision = (typeof plainDecisions)[number];
export const isPlainDecision = (text: unknown): text is PlainDecision =>
  (plainDecisions as readonly unknown[]).includes(text);

/** Of cards and their threads: what each decides. */
export const cardActions = {
  'tugboot.approve-now': 'approve',
  'tugboot.approve-window': 'approve',
  'tugboot.snooze': 'snooze',
  'tugboot.deny': 'deny',
  'tugboot.ask-again': 'ask-again',
  'tugboot.cancel': 'cancel',
  'tugboot.retry': 'retry',
  'tugboot.skip': 'skip',
  'tugboot.force': 'force',
  'tugboot.details': undefined,
  'tugboot.go-on': 'go-on',
} as const satisfies Readonly<Record<string, DecisionKind | undefined>>;
export type CardActionId = keyof typeof cardActions;
export const cardActionIds = Object.keys(cardActions) as readonly CardActionId[];
export const isCardActionId = (id: string): id is CardActionId => Object.hasOwn(cardActions, id);

/** Of pool digests and their modals. */
export const digestActions = {
  'tugboot.digest.approve-now': 'approve',
  'tugboot.digest.approve-window': 'approve',
  'tugboot.digest.choose': undefined,
  'tugboot.digest.snooze': 'snooze',
  'tugboot.digest.deny': 'deny',
  'tugboot.digest.details': undefined,
  'tugboot.digest.ask-again': 'ask-again',
  'tugboot.digest.retry': 'retry',
  'tugboot.digest.skip': 'skip',
  'tugboot.digest.force': 'force',
  'tugboot.digest.cancel': 'cancel',
  'tugboot.digest.earlier': undefined,
  'tugboot.digest.later': undefined,
} as const satisfies Readonly<Record<string, DecisionKind | undefined>>;
export type DigestActionId = keyof typeof digestActions;
export const digestActionIds = Object.keys(digestActions) as readonly DigestActionId[];
export const isDigestActionId = (id: string): id is DigestActionId => Object.hasOwn(digestActions, id);

/** Of the private answers to `/reboot`. */
export const listActionIds = ['tugboot.list.decide'] as const;
export type ListActionId = (typeof listActionIds)[number];
export const isListActionId = (id: string): id is ListActionId =>
  (listActionIds as readonly string[]).includes(id);

export type ActionId = CardActionId | DigestActionId | ListActionId;

export const viewIds = [
  'tugboot.view.snooze',
  'tugboot.view.deny',
  'tugboot.view.force',
  'tugboot.view.decide',
  'tugboot.view.details',
  'tugboot.view.digest-snooze',
  'tugboot.view.digest-deny',
  'tugboot.view.digest-force',
  'tugboot.view.digest-decide',
  'tugboot.view.digest-choose',
  'tugboot.view.digest-nodes',
] as const;
export type ViewId = (typeof viewIds)[number];

/** Inputs of our modals; block_id and action_id are equal. */
export const inputIds = {
  reason: 'tugboot.reason',
  changeTicket: 'tugboot.change-ticket',
  until: 'tugboot.until',
  /** A date and a time, instead of a choice of `until`. */
  at: 'tugboot.at',
  /** Of the modal in which nodes are chosen. */
  nodes: 'tugboot.nodes',
  extent: 'tugboot.extent',
  decision: 'tugboot.decision',
  atMost: 'tugboot.at-most',
} as const;

/** Inputs that change which nodes a modal lists: they are sent at once, not with the submission. */
export const filterIds = {
  zone: 'tugboot.filter.zone',
  kernel: 'tugboot.filter.kernel',
  text: 'tugboot.filter.text',
} as const;
export type FilterId = (typeof filterIds)[keyof typeof filterIds];
export const isFilterId = (id: string): id is FilterId =>
  (Object.values(filterIds) as readonly string[]).includes(id);

export const metadataTypes = {
  card: 'tugboot_reboot',
  reply: 'tugboot_reply',
  notice: 'tugboot_notice',
  rollout: 'tugboot_rollout',
  digest: 'tugboot_digest',
} as const;

/** The target of a button, and what its message showed when it was rendered. */
export interface ButtonValue {
  readonly cluster: string;
  readonly reboot: string;
  readonly node: string;
  /** The digest of the need, or which halt of a rollout. In the payload it is `digest`, as in 0.1.0. */
  readonly seen: string;
  /** When the next window opens; needed by the choices of Snooze. */
  readonly opens?: Instant;
  /** The pool, where it demands an input with this decision: a modal asks for it. */
  readonly pool?: string;
  /** Of a modal: what it decides. */
  readonly decision?: PlainDecision;
}

const version = 1;
const names = { cluster: 253, reboot: 253, node: 253, digest: 128 } as const;

/** Throws a RangeError if the value exceeds Slack's 2000 characters. Bounded names stay far below it. */
export function encodeValue({ cluster, reboot, node, seen, ...rest }: ButtonValue): string {
  const text = JSON.stringify({ v: version, cluster, reboot, node, digest: seen, ...rest });
  if (text.length > limits.buttonValue)
    throw new RangeError('the value of a button is longer than Slack accepts');
  return text;
}

/** Decodes the value of a button. It is untrusted input: the result names the first invalid field. */
export function decodeValue(text: string): Decoded<ButtonValue> {
  const fields = parseFields(text);
  if (fields === undefined) return { ok: false, field: 'value' };
  if (fields['v'] !== version) return { ok: false, field: 'v' };
  const wrong = Object.entries(names).find(([field, max]) => !isName(fields[field], max));
  if (wrong) return { ok: false, field: wrong[0] };
  const rest = optionalIn(fields, optional);
  if (!rest.ok) return rest;
  const [cluster, reboot, node, seen] = ['cluster', 'reboot', 'node', 'digest'].map((field) =>
    String(fields[field]),
  );
  if (cluster === undefined || reboot === undefined || node === undefined || seen === undefined)
    return { ok: false, field: 'value' };
  return { ok: true, value: { cluster, reboot, node, seen, ...rest.value } };
}

const optional = {
  opens: (value: unknown): value is Instant => Number.isSafeInteger(value),
  pool: (value: unknown): value is string => isName(value, names.node),
  decision: isPlainDecision,
};

export const encodeOrigin = (value: ButtonValue, origin: Origin): string =>
  JSON.stringify({ value: encodeValue(value), ...origin });

export function decodeOrigin(
  text: string,
): Decoded<{ readonly value: ButtonValue; readonly origin: Origin }> {
  const fields = parseFields(text);
  if (fields === undefined) return { ok: false, field: 'private_metadata' };
  const origin = originIn(fields);
  if (!origin.ok) return origin;
  const decoded = decodeValue(typeof fields['value'] === 'string' ? fields['value'] : '');
  if (!decoded.ok) return decoded;
  return { ok: true, value: { value: decoded.value, origin: origin.value } };
}

export function parseFields(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.length > limits.privateMetadata) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    // Not JSON: the caller reports the invalid field to the person.
    return undefined;
  }
}
