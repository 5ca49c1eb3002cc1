/** `/reboot why`, `plan` and `windows`: queries without side effects. */
import type { Decisions, Refused } from '../../reboot/ports/decisions.ts';
import type { MessageView } from '../blocks.ts';
import { help } from '../views/answers/help.ts';
import { preview } from '../views/card/preview-lines.ts';
import { why } from '../views/answers/why-answer.ts';
import { windows } from '../views/answers/windows-answer.ts';
import { answer } from './interaction-handler.ts';
import type { Invocation } from './invocation.ts';

export async function showWhy(invocation: Invocation): Promise<MessageView> {
  const [node] = invocation.words;
  if (node === undefined) return help(invocation.payload.command);
  return answerFromFirst(
    invocation,
    (decisions) => decisions.why(node),
    (reply) => why(reply.why),
  );
}

export async function showPreview(invocation: Invocation): Promise<MessageView> {
  const [node] = invocation.words;
  if (node === undefined) return help(invocation.payload.command);
  return answerFromFirst(invocation, (decisions) => decisions.preview(node), preview);
}

export async function showWindows(invocation: Invocation): Promise<MessageView> {
  return answerFromFirst(invocation, (decisions) => decisions.windows(invocation.words[0]), windows);
}

/** The answer of the first cluster that does not refuse. */
async function answerFromFirst<A extends { readonly ok: true }>(
  { handler }: Invocation,
  query: (decisions: Decisions) => Promise<A | Refused>,
  view: (reply: A) => MessageView,
): Promise<MessageView> {
  let sentence = 'This Tugboot serves no cluster.';
  for (const decisions of handler.clusters.values()) {
    const reply = await query(decisions);
    if (reply.ok) return view(reply);
    sentence = reply.sentence;
  }
  return answer(sentence);
}
