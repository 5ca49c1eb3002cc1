import type { World } from '../../world/view.ts';
import type { Parts } from '../assemble.ts';
import { serveApi, serveResponseUrl } from './api-route.ts';
import { createEventStreams } from './event-stream.ts';
import type { HttpServerDeps } from './http-server.ts';
import { pageActs } from './page-acts.ts';
import { staticFiles } from './static-files.ts';

export interface PageOptions {
  readonly pageDirectory: string;
  readonly channel: string;
  readonly world?: World;
}

export interface Routes {
  readonly routes: HttpServerDeps['routes'];
  /** Ends the event streams. */
  close(): void;
}

export function createRoutes(parts: Parts, page: PageOptions): Routes {
  const streams = createEventStreams(parts, page);
  return {
    routes: [
      { prefix: '/api/', run: (request, response, url) => serveApi(parts, request, response, url) },
      {
        prefix: '/response/',
        run: (request, response, url) => serveResponseUrl(parts, request, response, url),
      },
      { prefix: '/events', run: (request, response, url) => streams.route(request, response, url) },
      { prefix: '/act/', run: pageActs(parts, page.world) },
      { prefix: '/', run: staticFiles(page.pageDirectory) },
    ],
    close: () => streams.close(),
  };
}
