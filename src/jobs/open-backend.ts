import type { Backend, BackendOptions } from './backend.ts';
import { openPostgres } from './postgres-backend.ts';
import { openRedis } from './redis-backend.ts';

/** Connects in the background; `onUsable` and `ready` report when the backend can be used. */
export const openBackend = (options: BackendOptions): Backend =>
  /^postgres(ql)?:/.test(options.url) ? openPostgres(options) : openRedis(options);
