import { PortError } from '../reboot/ports/port-error.ts';
import { sentenceFor } from '../reboot/ports/port-error-words.ts';

/** The error as a sentence for the person. */
export const errorSentence = (error: unknown): string =>
  error instanceof PortError
    ? sentenceFor(error)
    : 'Something went wrong inside Tugboot, and nothing was stored that you can see. Its log has the details.';
