/** `/reboot approve`: approves reboots, now or for the next window. */
import { decideOnTarget, noName, targets, type TargetedDecision } from '../../decide-by-name.ts';
import { splitTarget } from '../../split-target.ts';
import { nothingFollows, typedGiven } from '../../typed-given.ts';
import { type Parsed, subcommand } from '../../subcommand.ts';

export const approveSubcommand = subcommand({
  aliases: [],
  decides: 'approve',
  usage: `${targets} [window] [ticket TICKET] [because REASON]`,
  says: 'approve now, or for the next window. For more than a node it lists them, with a button that decides',
  permission: 'approvers',
  kubectl: noName,
  ofCluster: ['all'],
  parse: approval,
  answer: decideOnTarget,
});

function approval(words: readonly string[]): Parsed<TargetedDecision> {
  const split = splitTarget(words);
  if (split === undefined) return { ok: false };
  const { target } = split;
  const typed = typedGiven(split.rest);
  if (typed === undefined) return { ok: false, sentence: nothingFollows };
  const { rest, given } = typed;
  const mode = rest.join(' ') || 'now';
  if (mode !== 'now' && mode !== 'window')
    return {
      ok: false,
      sentence: `Approve for what? Type "now" or "window" after the name, not "${mode}". A change ticket follows "ticket", a reason "because".`,
    };
  const when = mode === 'now' ? 'to reboot now' : 'for the window';
  return {
    ok: true,
    parsed: {
      target,
      request: { kind: 'approve', mode, ...given },
      // More approvals may be needed: the card shows them.
      confirmation: (name) => `You approved ${name}, ${when}. Its card says what happens next.`,
    },
  };
}
