import type { JsonObject } from '../json.ts';

export interface Team {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
}

export interface App {
  readonly id: string;
  readonly name: string;
  readonly botId: string;
  readonly botUser: string;
  readonly scopes: readonly string[];
  /** The app's slash command, with the slash. */
  readonly command: string;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly title: string;
  /** Another team's id for a person of Slack Connect. */
  readonly teamId: string;
  readonly isBot: boolean;
  readonly isGuest: boolean;
  readonly isStranger: boolean;
  readonly deleted: boolean;
  readonly tz: string;
}

export interface Usergroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: readonly string[];
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  readonly isExtShared: boolean;
  readonly members: ReadonlySet<string>;
}

export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly byApp: boolean;
  readonly text: string;
  readonly blocks?: readonly JsonObject[];
  readonly attachments?: readonly JsonObject[];
  readonly threadTs?: string;
  /** A reply that was also sent to the channel. */
  readonly broadcast: boolean;
  readonly metadata?: JsonObject;
  readonly editedTs?: string;
  /** Deleted, but kept as a tombstone for its replies. */
  readonly tombstone: boolean;
  readonly reactions: readonly { readonly name: string; readonly users: readonly string[] }[];
  readonly pinned: boolean;
  /** The person whose command or click it responds to, if it came through a response URL. */
  readonly answerTo?: string;
}

export interface Ephemeral {
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly JsonObject[];
  readonly threadTs?: string;
  /** Written by Slack itself, not by the app. */
  readonly bySlackbot: boolean;
}
