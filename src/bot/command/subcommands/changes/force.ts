/** `/reboot force`: lets drains break the budgets that hold them, with a reason. */
import { isBlank } from '../../../../reboot/words/text.ts';
import { decideOnTarget, noName, targets, type TargetedDecision } from '../../decide-by-name.ts';
import { longestReason, splitTarget } from '../../split-target.ts';
import { type Parsed, subcommand } from '../../subcommand.ts';

export const forceSubcommand = subcommand({
  aliases: [],
  decides: 'force',
  usage: `${targets} REASON`,
  says: 'delete the pods that a drain waits for, whatever their budgets say, and why that is right',
  permission: 'approvers',
  kubectl: noName,
  ofCluster: ['all'],
  parse: forcing,
  answer: decideOnTarget,
});

function forcing(words: readonly string[]): Parsed<TargetedDecision> {
  const split = splitTarget(words);
  if (split === undefined) return { ok: false };
  const { target, rest } = split;
  const reason = rest.join(' ').slice(0, longestReason);
  if (isBlank(reason))
    return {
      ok: false,
      sentence: 'Say after the name why the budgets may be broken: it is kept with the reboot.',
    };
  return {
    ok: true,
    parsed: {
      target,
      request: { kind: 'force', reason },
      confirmation: (name) => `You forced the drain of ${name}: the pods that are left are deleted.`,
    },
  };
}
