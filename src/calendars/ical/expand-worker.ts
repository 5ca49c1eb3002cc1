/**
 * Entry point of the worker thread that expands a calendar. It posts a message when it has started, so that
 * its start does not count as CPU time of the expansion.
 */
import { parentPort } from 'node:worker_threads';
import { expand, type ExpandRequest } from './expand.ts';

// oxlint-disable unicorn/require-post-message-target-origin -- a thread is not a window: its port has no origin
parentPort?.once('message', (request: ExpandRequest) => parentPort?.postMessage(expand(request)));
parentPort?.postMessage('ready');
