/** A person's chat account, read at the time of the click. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** Ids of those user groups of the policy that the person belongs to. */
  readonly groups: readonly string[];
  /** Ids of those channels of the policy whose members may approve, and of which the person is one. */
  readonly channels: readonly string[];
  /** Ids of those of which Slack does not say who is in them. */
  readonly unknownChannels?: readonly string[];
  readonly guest: boolean;
  readonly bot: boolean;
  readonly deactivated: boolean;
  /** From another workspace or organisation. */
  readonly foreign: boolean;
}

/**
 * The person who invoked a command, and the channel: where `approvers: channel` is set, permission depends on
 * the channel.
 */
export interface Caller {
  readonly person: Person;
  readonly channel: string;
}
