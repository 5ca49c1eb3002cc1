import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server on loopback that a test can shut, as a firewall or a failed load balancer would. */
export interface TcpDoor {
  readonly port: number;
  /** Cuts every connection, and takes no new one. */
  shut(): void;
  open(): void;
  /**
   * From now on no byte passes on the connections that there are, and nobody is told; new ones are as they
   * should be.
   */
  freeze(): void;
  close(): Promise<void>;
}

export async function openTcpDoor(target: number): Promise<TcpDoor> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Either end may vanish: that is what the door is for.
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((incoming) => {
    keep(incoming);
    if (!isOpen) return void incoming.destroy();
    const outgoing = connect(target, '127.0.0.1');
    keep(outgoing);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    shut() {
      isOpen = false;
      cut();
    },
    open() {
      isOpen = true;
    },
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
