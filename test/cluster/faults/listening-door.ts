import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A plain HTTP proxy on loopback that records the 410 answers of the server. */
export interface ListeningDoor {
  readonly port: number;
  /** The path of each request that was answered with 410, as its status or as an event of its stream. */
  expired(): readonly string[];
  close(): Promise<void>;
}

/** An event may come in two pieces. */
const longestEvent = 4096;

export async function openListeningDoor(target: number): Promise<ListeningDoor> {
  const expired: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Either end may vanish while the server is away.
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((incoming) => {
    const outgoing = connect(target, '127.0.0.1');
    let path = '';
    let heard = '';
    // One request at a time: the bot does not pipeline.
    incoming.on('data', (piece: Buffer) => {
      const asked = /^[A-Z]+ ([^ ?]+)\S* HTTP/.exec(piece.toString('latin1'))?.[1];
      if (asked === undefined) return;
      path = asked;
      heard = '';
    });
    outgoing.on('data', (piece: Buffer) => {
      heard = (heard + piece.toString('latin1')).slice(-longestEvent - piece.length);
      if (!/"code":410\b/.test(heard)) return;
      expired.push(path);
      heard = '';
    });
    keep(incoming);
    keep(outgoing);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    expired: () => [...expired],
    async close() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
