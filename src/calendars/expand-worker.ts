/** The program of the thread in which a calendar is expanded: one question, one answer. */
import { parentPort, workerData } from 'node:worker_threads';
import { expand, type ExpandRequest } from './expand.ts';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is not a window: its port has no origin
parentPort?.postMessage(expand(workerData as ExpandRequest));
