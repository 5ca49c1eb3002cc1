import { createHash } from 'node:crypto';
import type { MessageView } from '../blocks/blocks.ts';

/** Detects a change of content. Not for secrets: 96 bits are enough. */
export const hashOf = (view: MessageView): string =>
  createHash('sha256').update(JSON.stringify(view)).digest('base64url').slice(0, 16);
