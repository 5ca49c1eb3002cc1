import type { HealthPage } from '../ops/health.ts';
import { queuePrefix } from '../jobs/job-names.ts';
import type { SharedParts } from './build-shared.ts';

/** Path of the page on the health port. */
const path = '/queues';

/** The page that shows the queues, if the configuration wants it; its program is loaded for that alone. */
export async function boardOf(
  { config, live }: Pick<SharedParts, 'config' | 'live'>,
  running: AbortSignal,
): Promise<HealthPage | undefined> {
  if (!config.queueBoard) return undefined;
  const { openQueueBoard } = await import('../jobs/board/queue-board.ts');
  const board = openQueueBoard({
    access: config.queue,
    path,
    clusters: () =>
      live.current().clusters.map(({ policy: { cluster } }) => ({
        cluster,
        prefix: queuePrefix(config.own.namespace, cluster),
      })),
  });
  running.addEventListener('abort', () => void board.close(), { once: true });
  return board;
}
