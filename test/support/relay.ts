import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Starts a relay to a port on this machine. `cut` breaks all connections through the relay. */
export async function startRelay(port: number) {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const server = createServer((inward) => {
    const outward = connect(port, '127.0.0.1');
    keep(inward);
    keep(outward);
    inward.pipe(outward).pipe(inward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => sockets.forEach((socket) => socket.resetAndDestroy());
  const close = () => {
    cut();
    return new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, cut, close };
}
