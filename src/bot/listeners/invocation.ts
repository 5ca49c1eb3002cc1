import type { LinkTo } from '../views/answers/status-answer.ts';
import type { InteractionHandler } from './interaction-handler.ts';
import type { CommandPayload } from './payloads.ts';

/** A slash command, with the words after the subcommand. */
export interface Invocation {
  readonly handler: InteractionHandler;
  readonly payload: CommandPayload;
  readonly words: readonly string[];
  readonly linkTo: LinkTo;
}
