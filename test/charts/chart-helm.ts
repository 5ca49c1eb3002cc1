import { findHelm, type Helm } from './render-chart.ts';

const found = await findHelm();

export const needsHelm = { lack: 'why' in found ? found.why : undefined };

/** Only asked for where helm is there. */
export function helm(): Helm {
  if ('why' in found) throw new Error(found.why);
  return found.helm;
}

/** The least values that the chart takes. */
export const least = { slack: { existingSecret: 'slack' } };
