import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Board, FaultKind } from '../board.ts';

export type Mail = { from: string; to: string[]; raw: string };
export type Smtp = Awaited<ReturnType<typeof startSmtp>>;

type Options = {
  board: Board;
  /** The password that clients must send. If absent, clients need no login. */
  password?: string;
};
type Session = { mail: Mail; reading: boolean; known: boolean };

const address = (line: string) => /<([^>]*)>/.exec(line)?.[1] ?? '';
const plainPassword = (base64: string) =>
  Buffer.from(base64, 'base64').toString().split('\0')[2] ?? '';

/**
 * Starts a mail server without TLS on loopback. It supports EHLO, AUTH PLAIN, MAIL, RCPT, DATA and
 * QUIT. The board counts each mail as the effect "mail" of the service "smtp".
 */
export const startSmtp = async ({ board, password }: Options) => {
  const mails: Mail[] = [];
  const sockets = new Set<Socket>();
  const deliver = (mail: Mail) => {
    mails.push(mail);
    board.count('smtp', 'mail', mail.to.join(' '));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => {});
    serve(socket, { board, password, deliver });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    mails: () => [...mails],
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};

type Deps = { board: Board; password: string | undefined; deliver: (mail: Mail) => void };

function serve(socket: Socket, deps: Deps) {
  const say = (line: string) => void socket.write(`${line}\r\n`);
  const session: Session = { mail: empty(), reading: false, known: deps.password === undefined };
  let buffer = '';
  say('220 sandbox ESMTP');
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    buffer += chunk;
    for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      if (session.reading) readBody(line, session, deps, socket);
      else answer(line, session, deps, socket);
    }
  });
}

const empty = (): Mail => ({ from: '', to: [], raw: '' });

function readBody(line: string, session: Session, { board, deliver }: Deps, socket: Socket) {
  if (line !== '.') return void (session.mail.raw += `${line.replace(/^\.\./, '.')}\r\n`);
  session.reading = false;
  suffer(board.take('smtp', 'DATA'), socket, () => deliver(session.mail));
  session.mail = empty();
}

/**
 * Applies a fault to one mail. With `429`, `500-before` and `drop-before`, no mail is delivered.
 * With `500-after` and `drop-after`, the mail is delivered, and then the call fails. With
 * `lying-status`, the server reports success, but no mail is delivered.
 */
function suffer(fault: FaultKind | undefined, socket: Socket, act: () => void) {
  if (fault === 'drop-before') return void socket.destroy();
  if (fault === '429' || fault === '500-before')
    return void socket.write('451 4.3.0 try again later\r\n');
  if (fault !== 'lying-status') act();
  if (fault === 'drop-after') return void socket.destroy();
  socket.write(fault === '500-after' ? '451 4.3.0 try again later\r\n' : '250 2.0.0 queued\r\n');
}

function answer(line: string, session: Session, { password }: Deps, socket: Socket) {
  const say = (text: string) => void socket.write(`${text}\r\n`);
  const verb = line.split(' ')[0]?.toUpperCase();
  if (verb === 'EHLO') return say('250-sandbox\r\n250 AUTH PLAIN');
  if (verb === 'QUIT') return void socket.end('221 2.0.0 bye\r\n');
  if (verb === 'AUTH') {
    session.known = plainPassword(line.split(' ')[2] ?? '') === password;
    return say(session.known ? '235 2.7.0 welcome' : '535 5.7.8 wrong password');
  }
  if (!session.known) return say('530 5.7.0 log in first');
  if (verb === 'MAIL') session.mail = { ...empty(), from: address(line) };
  if (verb === 'RCPT') session.mail.to.push(address(line));
  if (verb === 'DATA') session.reading = true;
  say(verb === 'DATA' ? '354 go ahead' : '250 2.0.0 ok');
}
