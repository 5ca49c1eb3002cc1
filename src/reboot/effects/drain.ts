import { isSuspended } from '../deadlines/hook-waits.ts';
import { type Effect, nothingToTell } from './effect.ts';

/** The drain runs as a job of its own, because it is the only long effect. */
export const drain: Effect<'drain'> = {
  name: 'drain',
  owed: ({ state }) => state.phase === 'Draining' && state.cordon !== undefined && !isSuspended(state),
  async carryOut({ deps, reboot }) {
    await deps.queue.drain(reboot.name);
    return nothingToTell;
  },
  does: 'Asks for the job `drain`, which evicts the pods.',
  repeated: 'While the drain runs, a second job finds it running and ends.',
  crash: 'The drain is resumed: what is left to evict is read from the cluster.',
};
