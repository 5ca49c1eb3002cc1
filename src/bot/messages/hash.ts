import { createHash } from 'node:crypto';
import type { MessageView } from '../blocks.ts';

/** Tells whether a message would say something else. Not for secrets: 96 bits are plenty. */
export const hashOf = (view: MessageView): string =>
  createHash('sha256').update(JSON.stringify(view)).digest('base64url').slice(0, 16);
