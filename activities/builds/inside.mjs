// The first process in the sandbox of a build. When this process ends, the kernel kills every other
// process of the sandbox. Usage: node inside.mjs SOCKET PORT COMMAND...
// If SOCKET is not "-", programs in the sandbox reach the gateway at 127.0.0.1:PORT.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { constants } from 'node:os';

const [socket = '-', port = '0', command = '', ...args] = process.argv.slice(2);

if (socket !== '-') {
  // An engine keeps a container when the worker ends, even after a crash. The gateway ends together
  // with the worker, and then this process ends too.
  const life = connect(socket, () =>
    life.write('CONNECT worker:1 HTTP/1.1\r\nhost: worker:1\r\n\r\n'),
  );
  life.on('error', () => {}).on('close', () => process.exit(143));
  life.unref();
  const server = createServer((one) => {
    const other = connect(socket);
    one.on('error', () => other.destroy()).on('close', () => other.destroy());
    other.on('error', () => one.destroy()).on('close', () => one.destroy());
    one.pipe(other).pipe(one);
  });
  server.listen(Number(port), '127.0.0.1');
  await once(server, 'listening');
}

// Without this variable, fetch in Node uses no proxy. With it, this process would take 60 ms longer.
const proxied = socket === '-' ? {} : { NODE_USE_ENV_PROXY: '1' };
const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...proxied } });
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(143));
child.on('error', (cause) => {
  console.error(`${command} did not start: ${cause.message}`);
  process.exit('code' in cause && cause.code === 'ENOENT' ? 127 : 126);
});
child.on('exit', (code, signal) =>
  process.exit(code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0)),
);
