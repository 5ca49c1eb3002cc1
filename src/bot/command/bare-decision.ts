/** The words that decide without further arguments, save a reason. */
import type { Given } from '../../reboot/approval/demands.ts';
import type { ManyRequest } from '../../reboot/pool-digest/many-request.ts';
import { decideOnTarget, noName, targets } from './decide-by-name.ts';
import { splitTarget } from './split-target.ts';
import { type Subcommand, subcommand } from './subcommand.ts';
import { nothingFollows, typedGiven } from './typed-given.ts';

interface BareDecision {
  readonly aliases: readonly string[];
  readonly says: string;
  /** Without its reason. */
  readonly request: Extract<ManyRequest, { kind: 'ask-again' | 'cancel' | 'retry' | 'skip' }>;
  readonly confirmation: (node: string) => string;
}

export const bareDecision = ({ aliases, says, request, confirmation }: BareDecision): Subcommand =>
  subcommand({
    aliases,
    decides: request.kind,
    usage: `${targets} [because REASON]`,
    says,
    permission: 'approvers',
    kubectl: noName,
    ofCluster: ['all'],
    parse: (words) => {
      const split = splitTarget(words);
      if (split === undefined) return { ok: false };
      const { target } = split;
      const typed = typedGiven(split.rest);
      if (typed === undefined) return { ok: false, sentence: nothingFollows };
      const { rest, given } = typed;
      const { reason } = given;
      const why = reason === undefined ? {} : { reason };
      return rest.length === 0 && given.changeTicket === undefined
        ? { ok: true, parsed: { target, request: { ...request, ...why }, confirmation } }
        : {
            ok: false,
            sentence: `I do not know what "${unknown(rest, given)}" means here. A reason follows "because". Nothing was decided.`,
          };
    },
    answer: decideOnTarget,
  });

const unknown = (rest: readonly string[], { changeTicket }: Given): string =>
  rest.length > 0 ? rest.join(' ') : `ticket ${changeTicket ?? ''}`;
