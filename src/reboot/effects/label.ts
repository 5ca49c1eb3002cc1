import { isCleaningUp, beginsCleanUp } from '../state/clean-up.ts';
import { isUnderWay } from '../ownership/ownership.ts';
import { labelOrThrow, tryLabelNode } from './label-node.ts';
import { type Effect, nothingToTell, type Owing } from './effect.ts';

/** No call where everything is there already, as on most nodes. */
export const label: Effect<'label'> = {
  name: 'label',
  owed: (reboot) => isCleaningUp(reboot) || mayBeLabelled(reboot),
  async carryOut({ deps, reboot, observation: { node } }) {
    const write = isCleaningUp(reboot) && !isUnderWay(reboot) ? labelOrThrow : tryLabelNode;
    await write(deps, reboot, node);
    return nothingToTell;
  },
  does: 'Writes, or at the end restores, the labels, annotations, taint and condition for other tools.',
  repeated: 'One patch to what the state wants; none where the node has it already.',
  crash: 'The node has the labels of the state before, with the note of what they replaced.',
};

/** Before the cordon the labels are written with it, so that they are there before the first pod leaves. */
const mayBeLabelled = ({ state }: Owing): boolean =>
  state.phase === 'Draining'
    ? state.cordon !== undefined
    : state.phase === 'Failed' || !beginsCleanUp(state.phase);
