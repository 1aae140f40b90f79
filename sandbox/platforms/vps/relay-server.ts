import { createServer, type Socket } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import type { Session, Exit } from './command.ts';
import type { Caller } from './docker/engine.ts';
import type { Answer } from './journalctl.ts';

type Header = {
  kind: string;
  args: string[];
  command: string;
  session: string;
  parent: number;
  caller: Caller;
};
export type RelayHandlers = {
  command(command: string, session: Session): Promise<Exit>;
  tool(name: string, args: string[], lie: boolean, caller: Caller): Promise<Answer>;
};

/**
 * Creates the server that relay.pl and relay.mjs connect to. Each command or tool call has its own
 * connection.
 */
export function createRelayServer(path: string, handlers: RelayHandlers) {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    void readHeader(socket).then(({ header, stdin }) => serve(handlers, header, stdin, socket));
  });
  return {
    listen: () =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(path, resolve);
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function serve(handlers: RelayHandlers, header: Header, stdin: Readable, socket: Socket) {
  const send = (type: number, body: Buffer) => {
    const head = Buffer.from([type, 0, 0, 0, 0]);
    head.writeUInt32BE(body.length, 1);
    if (socket.writable) socket.write(Buffer.concat([head, body]));
  };
  const finish = (code: number) => {
    send(3, Buffer.from(String(code)));
    socket.end();
  };
  if (header.kind !== 'command') {
    const { kind, args, session, caller } = header;
    const answer = await handlers.tool(kind, args, session === 'lie', caller);
    send(1, Buffer.from(answer.stdout));
    send(2, Buffer.from(answer.stderr));
    finish(answer.code);
    return;
  }
  const code = await handlers.command(header.command, {
    stdin,
    stdout: (chunk) => send(1, chunk),
    stderr: (chunk) => send(2, chunk),
    drop: () => kill(header.parent, socket),
  });
  if (code !== null) finish(code);
}

/**
 * Drops the connection of the client. `parent` is the parent process of the relay, which is the
 * sshd process of the session. When this process is killed, the connection ends.
 */
function kill(parent: number, socket: Socket) {
  try {
    process.kill(parent, 'SIGKILL');
  } catch {
    // The process has already ended, so there is nothing to kill.
  }
  socket.destroy();
}

function readHeader(socket: Socket): Promise<{ header: Header; stdin: Readable }> {
  const stdin = new PassThrough();
  return new Promise((resolve) => {
    let head: Buffer<ArrayBufferLike> | null = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      if (head === null) return void stdin.write(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.length < 4 ? Infinity : 4 + head.readUInt32BE();
      if (head.length < end) return;
      stdin.write(head.subarray(end));
      resolve({ header: parse(head.subarray(4, end).toString()), stdin });
      head = null;
    });
    socket.on('end', () => stdin.end()).on('close', () => stdin.end());
  });
}

/**
 * Reads the fields of a header. NUL separates the fields, because arguments and variables cannot
 * contain NUL.
 */
function parse(text: string): Header {
  const [kind = '', session = '', parent, command = '', cwd = '', count, ...rest] =
    text.split('\0');
  const args = rest.splice(0, Number(count));
  const pairs = rest.map((pair): [string, string] => {
    const [name = ''] = pair.split('=', 1);
    return [name, pair.slice(name.length + 1)];
  });
  const caller = { cwd, env: Object.fromEntries(pairs) };
  return { kind, args, command, session, parent: Number(parent), caller };
}
