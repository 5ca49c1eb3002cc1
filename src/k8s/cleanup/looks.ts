import { second } from '../../reboot/time/time.ts';

/** Between two looks at what is waited for. */
export const lookAgainAfter = 2 * second;
