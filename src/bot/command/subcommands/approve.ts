/** `/reboot approve`: approves the reboot of a node, now or for the next window. */
import { decideByName, type DecisionByName, noName } from '../decide-by-name.ts';
import { type Parsed, subcommand } from '../subcommand.ts';

export const approveSubcommand = subcommand({
  aliases: [],
  usage: 'NODE [window]',
  says: 'approve a reboot now, or for the next window',
  permission: 'approvers',
  kubectl: noName,
  parse: approval,
  answer: decideByName,
});

function approval([node, mode = 'now']: readonly string[]): Parsed<DecisionByName> {
  if (node === undefined) return { ok: false };
  if (mode !== 'now' && mode !== 'window')
    return { ok: false, sentence: `Approve for what? Type "now" or "window" after the node, not "${mode}".` };
  const when = mode === 'now' ? 'to reboot now' : 'for the window';
  return {
    ok: true,
    parsed: {
      node,
      requestFor: ({ need }) => ({ kind: 'approve', mode, digest: need.digest }),
      // More approvals may be needed: the card shows them.
      confirmation: (name) => `You approved ${name}, ${when}. Its card says what happens next.`,
    },
  };
}
