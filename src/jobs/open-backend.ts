import type { Backend, BackendOptions } from './backend.ts';
import { openPostgres } from './postgres-backend.ts';
import { openRedis } from './redis-backend.ts';

/** Connects in the background: use it when it says that it can be used. */
export const openBackend = (options: BackendOptions): Backend =>
  /^postgres(ql)?:/.test(options.url) ? openPostgres(options) : openRedis(options);
