import type { LinkTo } from '../views/answers/status-answer.ts';
import type { InteractionHandler } from './interaction-handler.ts';
import type { CommandPayload } from './payloads.ts';

/** A command as somebody typed it: what follows the subcommand, word by word. */
export interface Invocation {
  readonly handler: InteractionHandler;
  readonly payload: CommandPayload;
  readonly words: readonly string[];
  readonly linkTo: LinkTo;
}
