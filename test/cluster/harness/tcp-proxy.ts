import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A TCP proxy for a server on loopback that a test can shut, as a firewall or a failed load balancer would.
 */
export interface TcpProxy {
  readonly port: number;
  /** Resets all connections, and accepts no new ones. */
  shut(): void;
  open(): void;
  /** From now on the current connections carry no data and are not closed; new ones work normally. */
  freeze(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Either end may disappear, which is the purpose of the proxy.
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((incoming) => {
    track(incoming);
    if (!isOpen) return void incoming.destroy();
    const outgoing = connect(target, '127.0.0.1');
    track(outgoing);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const resetAll = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    shut() {
      isOpen = false;
      resetAll();
    },
    open() {
      isOpen = true;
    },
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    async close() {
      resetAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
