/**
 * A page that shows the queues: bull-board, without anything that writes, as a part of its own that is loaded
 * when it is wanted.
 */
import { dirname, join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { Queue } from 'bullmq';
import type { QueueAccess } from '../backend.ts';
import { queueNames } from '../job-names.ts';
import { connectRedis } from '../redis-client.ts';
import { boardFiles } from './board-files.ts';
import { readOnlyServer } from './read-only-server.ts';

/** The queues of one cluster. */
export interface BoardCluster {
  readonly cluster: string;
  readonly prefix: string;
}

export interface QueueBoardOptions {
  readonly access: QueueAccess;
  /** Path of the page, without a slash at its end. */
  readonly path: string;
  /** The clusters that are served now. */
  readonly clusters: () => readonly BoardCluster[];
}

export interface QueueBoard {
  readonly path: string;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

/** The bundle is CommonJS and has __filename; the sources are modules. */
const here = typeof __filename === 'string' ? __filename : fileURLToPath(import.meta.url);
const files = join(
  dirname(here),
  here.endsWith('.ts') ? '../../../node_modules/@bull-board/ui/dist' : 'board',
);

/** In milliseconds. */
const commandTimeout = 5_000;

export function openQueueBoard({ access, path, clusters }: QueueBoardOptions): QueueBoard {
  const connection = connectRedis(access, {
    commandTimeout,
    connectTimeout: commandTimeout,
    maxRetriesPerRequest: null,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  });
  connection.on('error', () => undefined); // the bot tells of it
  const opened = new Map<string, Queue>();
  const queueOf = ({ cluster, prefix }: BoardCluster, name: string): Queue => {
    const key = `${cluster}/${name}`;
    // Without the metadata that a new Queue writes.
    const queue =
      opened.get(key) ??
      new Queue(name, { connection, prefix, skipWaitingForReady: true, skipMetasUpdate: true });
    if (!opened.has(key)) queue.on('error', () => undefined);
    opened.set(key, queue);
    return queue;
  };
  const adapters = (): BullMQAdapter[] => {
    const all = clusters();
    return all.flatMap((one) =>
      queueNames.map(
        (name) =>
          new BullMQAdapter(queueOf(one, name), {
            readOnlyMode: true,
            // Queues of several clusters have the same names.
            ...(all.length === 1 ? {} : { prefix: `${one.cluster}/`, delimiter: '/' }),
          }),
      ),
    );
  };
  const server = readOnlyServer({ path, files: boardFiles(files) });
  let shown = '';
  const board = createBullBoard({
    queues: [],
    serverAdapter: server.adapter,
    options: {
      uiBasePath: files,
      uiConfig: {
        boardTitle: 'Tugboot queues',
        hideDocsLink: true,
        showWorkers: false,
        sortQueues: false,
      },
    },
  });
  return {
    path,
    answer: async (request, response) => {
      const now = JSON.stringify(clusters());
      if (now !== shown) board.replaceQueues(adapters());
      shown = now;
      await server.answer(request, response);
    },
    close: async () => {
      connection.disconnect();
    },
  };
}
