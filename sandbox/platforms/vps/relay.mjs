// This program is the ForceCommand, systemctl, journalctl and docker of a host. It sends each call
// to the sandbox process and prints the answer. Every command starts this program. It is plain
// JavaScript, so that it starts fast.
import { connect } from 'node:net';

const [socketPath, kind, ...args] = process.argv.slice(2);
const command = process.env.SSH_ORIGINAL_COMMAND ?? '';
const session = process.env.PLIMSOLL_SANDBOX_SESSION ?? '';
const socket = connect({ path: socketPath, allowHalfOpen: true });
const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
const fields = [kind, session, process.ppid, command, process.cwd(), args.length, ...args, ...env];
const header = Buffer.from(fields.join('\0'));
const size = Buffer.alloc(4);
size.writeUInt32BE(header.length);

socket.write(Buffer.concat([size, header]));
if (kind === 'command') process.stdin.pipe(socket);
else socket.end();

const outputs = [process.stdout, process.stderr];
for (const stream of [...outputs, socket]) stream.on('error', () => process.exit(255));
let pending = Buffer.alloc(0);
socket.on('data', (chunk) => {
  pending = Buffer.concat([pending, chunk]);
  while (pending.length >= 5 && pending.length >= 5 + pending.readUInt32BE(1)) {
    const body = pending.subarray(5, 5 + pending.readUInt32BE(1));
    const type = pending[0];
    pending = pending.subarray(5 + body.length);
    if (type === 3) finish(Number(body.toString()));
    else outputs[type - 1].write(body);
  }
});
socket.on('close', () => finish(255));

function finish(code) {
  process.exitCode ??= code;
  process.stdin.destroy();
  socket.destroy();
}
