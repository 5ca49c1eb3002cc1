/** `/reboot approve`: approves reboots, now or for the next window. */
import { decideTyped, noName, targets, type TypedDecision } from '../../decide-by-name.ts';
import { splitTarget } from '../../split-target.ts';
import { type Parsed, subcommand } from '../../subcommand.ts';

export const approveSubcommand = subcommand({
  aliases: [],
  usage: `${targets} [window]`,
  says: 'approve now, or for the next window. For more than a node it lists them, with a button that decides',
  permission: 'approvers',
  kubectl: noName,
  ofCluster: ['all'],
  parse: approval,
  answer: decideTyped,
});

function approval(words: readonly string[]): Parsed<TypedDecision> {
  const split = splitTarget(words);
  if (split === undefined) return { ok: false };
  const { target, rest } = split;
  const mode = rest.join(' ') || 'now';
  if (mode !== 'now' && mode !== 'window')
    return { ok: false, sentence: `Approve for what? Type "now" or "window" at the end, not "${mode}".` };
  const when = mode === 'now' ? 'to reboot now' : 'for the window';
  return {
    ok: true,
    parsed: {
      target,
      request: { kind: 'approve', mode },
      // More approvals may be needed: the card shows them.
      confirmation: (name) => `You approved ${name}, ${when}. Its card says what happens next.`,
    },
  };
}
