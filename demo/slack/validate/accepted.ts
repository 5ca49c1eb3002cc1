import { channel } from 'node:diagnostics_channel';
import type { Json } from '../json.ts';

/** Publishes every accepted value, for tests that validate it by other means. */
export type Accepted = { readonly blocks: Json } | { readonly view: Json };

export const acceptedChannel = 'tugboot-demo:slack-accepted';

const accepted = channel(acceptedChannel);

export function publishAccepted(content: Accepted): void {
  if (accepted.hasSubscribers) accepted.publish(content);
}
