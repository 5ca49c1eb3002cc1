import type { Logger } from '../ports/logger.ts';
import type { DrainProgress } from '../state/drain-facts.ts';
import type { In } from '../state/reboot.ts';
import { fieldsOf } from '../loop/apply.ts';

/**
 * Returns a logger of drain progress: one line for each pod that the drain leaves on the node although it is
 * evictable. A warning where its controller keeps re-creating it.
 */
export function keptLog(logger: Logger, reboot: In<'Draining'>): (progress: DrainProgress) => void {
  const told = new Set((reboot.state.drain?.kept ?? []).map(({ uid }) => uid));
  return ({ kept = [] }) => {
    for (const { pod, uid, why, of } of kept) {
      if (told.has(uid)) continue;
      told.add(uid);
      const level = why === 'again' ? 'warn' : 'info';
      logger[level]('drain leaves a pod that came back', { ...fieldsOf(reboot), pod, why, of });
    }
  };
}
