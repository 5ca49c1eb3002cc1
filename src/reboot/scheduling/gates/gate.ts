/** A gate: a check of the plan, before a start, that returns its blockers or none. */
import type { Blocker, BlockerCode } from '../blockers/blockers.ts';
import type { In, Reboot } from '../../state/reboot.ts';
import type { Situation } from '../snapshot/snapshot.ts';

type Answer<Code extends BlockerCode> = Blocker<Code> | undefined | readonly Blocker<Code>[];

type Judge<Of extends Reboot, Code extends BlockerCode> = (reboot: Of, situation: Situation) => Answer<Code>;

export type Gate<Code extends BlockerCode = BlockerCode> = {
  readonly name: string;
  /** The codes of its blockers. Their facts are in blocker-facts.ts. */
  readonly codes: readonly Code[];
} & (
  | {
      /**
       * Control-plane nodes go after workers: they wait while a worker is under way or about to start.
       * Whether they also wait for a worker that this gate blocks:
       * - `yes`: its blockers clear when another Reboot ends;
       * - `soon`: only while the blocker says that it ends within the hour;
       * - `until-approved`: only for a worker that a rule is about to approve;
       * - `no`: not even then, so the gate judges Reboots that are not approved as well.
       */
      readonly holdsControlPlane: 'yes' | 'soon' | 'until-approved';
      readonly judge: Judge<In<'Approved'>, NoInfer<Code>>;
    }
  | { readonly holdsControlPlane: 'no'; readonly judge: Judge<Reboot, NoInfer<Code>> }
);

const none: readonly Blocker[] = [];

export function answersOf(answer: Answer<BlockerCode>): readonly Blocker[] {
  if (answer === undefined) return none;
  return 'code' in answer ? [answer] : answer;
}
