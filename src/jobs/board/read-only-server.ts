/** Serves bull-board over Node's own HTTP server, its read routes only. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  AppControllerRoute,
  AppViewRoute,
  BullBoardQueues,
  BullBoardRequest,
  ControllerHandlerReturnType,
  IServerAdapter,
  UIConfig,
} from '@bull-board/api/typings/app';
import type { BoardFiles } from './board-files.ts';
import { boardPage } from './board-page.ts';

export interface ReadOnlyServer {
  readonly adapter: IServerAdapter;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Nothing is loaded from elsewhere, and no other page may show this one. bull-board sets styles inline. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const always = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

interface Route {
  readonly pattern: RegExp;
  readonly handler: AppControllerRoute['handler'];
}

interface Board {
  queues: BullBoardQueues;
  uiConfig: UIConfig;
  view: readonly RegExp[];
  routes: readonly Route[];
  failed: (error: Error) => ControllerHandlerReturnType;
}

/** `:name` stands for one segment. */
const patternOf = (route: string): RegExp => new RegExp(`^${route.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`);

const listOf = <T>(value: T | readonly T[]): readonly T[] => [value].flat() as T[];

export function readOnlyServer(options: {
  readonly path: string;
  readonly files: BoardFiles;
}): ReadOnlyServer {
  const { path: base, files } = options;
  const board: Board = {
    queues: new Map(),
    uiConfig: {},
    view: [],
    routes: [],
    failed: () => ({ status: 500, body: {} }),
  };
  return {
    adapter: adapterOf(board),
    answer: async (request, response) => {
      const url = new URL(request.url ?? '/', 'http://board');
      const path = url.pathname.slice(base.length) || '/';
      if (request.method !== 'GET')
        return send(response, {
          status: 405,
          type: 'text/plain',
          body: 'This page only shows.\n',
          more: { allow: 'GET' },
        });
      const file = files.read(path.slice(1));
      if (file !== undefined)
        return send(response, {
          status: 200,
          type: file.type,
          body: file.content,
          more: { 'cache-control': 'max-age=3600' },
        });
      if (board.view.some((pattern) => pattern.test(path)))
        return send(response, {
          status: 200,
          type: 'text/html; charset=utf-8',
          body: boardPage({ base, files, uiConfig: board.uiConfig }),
        });
      const { status = 200, body } = await apiAnswer(board, { path, query: url.searchParams });
      return send(response, { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) });
    },
  };
}

/** Registers bull-board's read routes. */
function adapterOf(board: Board): IServerAdapter {
  const set = (some: Partial<Board>): IServerAdapter => {
    Object.assign(board, some);
    return adapter;
  };
  const adapter: IServerAdapter = {
    setQueues: (queues) => set({ queues }),
    setUIConfig: (uiConfig) => set({ uiConfig }),
    setErrorHandler: (failed) => set({ failed }),
    setViewsPath: () => adapter,
    setStaticPath: () => adapter,
    setEntryRoute: ({ route }: AppViewRoute) => set({ view: listOf(route).map(patternOf) }),
    setApiRoutes: (all) => set({ routes: all.flatMap(routesOf) }),
  };
  return adapter;
}

const routesOf = (one: AppControllerRoute): readonly Route[] =>
  listOf(one.method).includes('get')
    ? listOf(one.route).map((route) => ({
        pattern: patternOf(route),
        handler: (request) => one.handler(request),
      }))
    : [];

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
}

async function apiAnswer(board: Board, { path, query }: Asked): Promise<ControllerHandlerReturnType> {
  for (const { pattern, handler } of board.routes) {
    const found = pattern.exec(path);
    if (found === null) continue;
    const request: BullBoardRequest = {
      queues: board.queues,
      uiConfig: board.uiConfig,
      query: Object.fromEntries(query),
      params: decodedParams(found.groups),
      body: {},
      headers: {},
    };
    try {
      return await handler(request);
    } catch (error) {
      return board.failed(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return { status: 404, body: {} };
}

function decodedParams(groups: Readonly<Record<string, string>> = {}): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]));
  } catch {
    return {};
  }
}

interface Sent {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly more?: Readonly<Record<string, string>>;
}

function send(response: ServerResponse, { status, type, body, more = {} }: Sent): void {
  response
    .writeHead(status, { ...always, 'cache-control': 'no-store', ...more, 'content-type': type })
    .end(body);
}
