/**
 * The program of the thread in which a calendar is expanded. It says when it has started, so that its start
 * is not counted as work.
 */
import { parentPort } from 'node:worker_threads';
import { expand, type ExpandRequest } from './expand.ts';

// oxlint-disable unicorn/require-post-message-target-origin -- a thread is not a window: its port has no origin
parentPort?.once('message', (request: ExpandRequest) => parentPort?.postMessage(expand(request)));
parentPort?.postMessage('ready');
