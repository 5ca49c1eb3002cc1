import { second } from '../../reboot/time/time.ts';

/** Between two reads of what is waited for. */
export const pollInterval = 2 * second;
