import { message, type MessageView } from '../blocks/blocks.ts';
import { joined, say } from '../blocks/escape.ts';
import { answer } from '../listeners/interaction-handler.ts';
import { servesNone } from './clusters.ts';

/** One answer of those of several clusters. */
export function together(views: readonly MessageView[]): MessageView {
  const [first, ...others] = views;
  if (first === undefined) return answer(servesNone);
  if (others.length === 0) return first;
  return message(
    joined([say`${views.length} clusters`], ''),
    views.flatMap(({ blocks }) => blocks),
  );
}
