// Runs one command and never lets it outlive whoever started this process: a parent that dies, even by
// SIGKILL, closes our stdin. Usage: node guard.mjs <ms from TERM to KILL> <command> [argument…]
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const [graceText, command, ...args] = process.argv.slice(2);
const graceMs = Number(graceText);

// A group of its own, so that what the command starts goes with it.
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });

const tell = (message, then = () => {}) => {
  if (process.connected) process.send(message, then);
  else then();
};
const signalGroup = (signal) => {
  try {
    process.kill(-Number(child.pid), signal);
  } catch (cause) {
    if (cause.code !== 'ESRCH') throw cause;
  }
};

let stopping = false;
function stop() {
  if (stopping || child.pid === undefined) return;
  stopping = true;
  signalGroup('SIGTERM');
  setTimeout(() => signalGroup('SIGKILL'), graceMs).unref();
}

child.once('spawn', () => tell({ pid: child.pid }));
child.once('error', (cause) => tell({ error: cause.message }, () => process.exit(127)));
child.once('exit', (code, signal) => {
  signalGroup('SIGKILL');
  tell({ code }, () => process.exit(code ?? 128 + constants.signals[signal]));
});

process.stdin.resume();
process.stdin.once('end', stop);
process.stdin.once('close', stop);
process.stdin.once('error', stop);
process.once('disconnect', stop);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
