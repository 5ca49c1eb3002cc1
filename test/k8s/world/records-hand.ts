import { paths } from '../../../src/k8s/api/paths.ts';
import type { EarlierWorld } from '../../contracts/earlier-records-contract.ts';
import type { Hand } from './hand.ts';

type ByHand = Pick<EarlierWorld, 'create' | 'merge' | 'stored'>;

/** Reboots as somebody else writes them, and as they are stored. */
export const recordsByHand = ({ ask }: Pick<Hand, 'ask'>): ByHand => ({
  async create(body) {
    await ask({ method: 'POST', path: paths.reboots, body });
  },
  async merge(name, status) {
    await ask({ method: 'PATCH', path: paths.rebootStatus(name), patch: 'merge', body: { status } });
  },
  async stored(name) {
    const object = await ask({ method: 'GET', path: paths.reboot(name) });
    return (object as { readonly status: Readonly<Record<string, unknown>> }).status;
  },
});
