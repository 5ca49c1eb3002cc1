/** One exchange with a handler of node:http, without a connection. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

export interface MemoryRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface MemoryResponse {
  onHead(status: number, headers: Readonly<Record<string, string>>): void;
  onText(text: string): void;
  onEnd(): void;
  /** The connection was reset. */
  onReset(): void;
}

/** Returns a function that closes the connection from the side of the client. */
export function exchange(handler: RequestListener, request: MemoryRequest, to: MemoryResponse): () => void {
  const closed: (() => void)[] = [];
  const headers: Record<string, string> = {};
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    for (const listen of closed) listen();
  };
  const head = (): void => {
    if (response.headersSent) return;
    response.headersSent = true;
    to.onHead(response.statusCode, headers);
  };
  const response = {
    headersSent: false,
    statusCode: 200,
    writableEnded: false,
    socket: { resetAndDestroy: () => response.destroy() },
    on(event: string, listen: () => void) {
      if (event === 'close') closed.push(listen);
      return response;
    },
    setHeader: (name: string, value: unknown) => void (headers[name.toLowerCase()] = String(value)),
    appendHeader: () => response,
    writeHead(status: number, more: Readonly<Record<string, string>> = {}) {
      response.statusCode = status;
      for (const [name, value] of Object.entries(more)) headers[name.toLowerCase()] = value;
      return response;
    },
    flushHeaders: head,
    write(text: string) {
      head();
      if (isOpen) to.onText(text);
    },
    end(text?: string) {
      if (response.writableEnded) return;
      head();
      response.writableEnded = true;
      if (text !== undefined && isOpen) to.onText(text);
      if (isOpen) to.onEnd();
      close();
    },
    destroy() {
      if (isOpen) to.onReset();
      close();
    },
  };
  const incoming = {
    method: request.method,
    url: request.path,
    headers: request.headers,
    async *[Symbol.asyncIterator]() {
      if (request.body !== null) yield Buffer.from(request.body);
    },
  };
  handler(incoming as unknown as IncomingMessage, response as unknown as ServerResponse);
  return close;
}
