import type { InteractionHandler } from '../listeners/interaction-handler.ts';
import type { CommandPayload } from '../listeners/payloads.ts';
import type { LinkTo } from '../views/answers/status-rows.ts';

/** A slash command, with the words after the subcommand. */
export interface Invocation {
  readonly handler: InteractionHandler;
  readonly payload: CommandPayload;
  readonly words: readonly string[];
  readonly linkTo: LinkTo;
  /** Whether several clusters are served, also where only one is concerned. */
  readonly isOneOfSeveral: boolean;
}
