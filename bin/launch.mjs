import { spawn } from 'node:child_process';
import { once } from 'node:events';
import module from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory, ensureNode } from './node.mjs';

const launched = 'PLIMSOLL_LAUNCHED';

/**
 * Runs `body` in a Node that can run the sources. If this Node is too old, runs the script `url`
 * again in a child process with a newer Node. Prints a UserError without its stack.
 */
export async function withNode(url, body) {
  try {
    const node = await ensureNode();
    if (node !== process.execPath) return await runAgain(node, fileURLToPath(url));
    followLauncher();
    quietWarnings();
    // Node keeps the compiled sources in a cache. This halves the time of `plimsoll --help`.
    module.enableCompileCache?.(join(cacheDirectory(), 'compiled'));
    await body();
  } catch (cause) {
    console.error(cause.name === 'UserError' ? cause.message : cause);
    process.exitCode = cause.exitCode ?? 1;
  }
}

/**
 * Runs the script again in a child process, with another Node. Then ends this process with the exit
 * code or the signal of the child process.
 */
export async function runAgain(node, script) {
  const env = {
    ...process.env,
    [launched]: '1',
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
  };
  const child = spawn(node, [script, ...process.argv.slice(2)], {
    env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const { code, signal } = await ended(child);
  if (signal) process.kill(process.pid, signal);
  process.exitCode = code ?? 1;
}

/**
 * Waits until the child process has ended, and returns its exit code and its signal. Until then,
 * sends the signals that this process gets to the child process too.
 */
export async function ended(child) {
  // A terminal sends Ctrl-C to the whole process group, so the child process already gets this
  // signal. It must not get the signal twice.
  const onTerminal = [process.stdin, process.stdout, process.stderr].some((s) => s.isTTY);
  const pass = (signal) => {
    if (signal !== 'SIGINT' || !onTerminal) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const each of signals) process.on(each, pass);
  try {
    const [code, signal] = await once(child, 'exit');
    return { code, signal };
  } finally {
    for (const each of signals) process.off(each, pass);
  }
}

/**
 * Ends this child process when the launcher has ended. A launcher that was killed with SIGKILL can
 * send no signal to the child process. But the channel between the two processes closes.
 */
function followLauncher() {
  if (!process.env[launched]) return;
  delete process.env[launched];
  if (!process.channel) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

function quietWarnings() {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning, ...rest) => {
    const type = typeof rest[0] === 'object' ? rest[0]?.type : rest[0];
    if (type !== 'ExperimentalWarning') emitWarning(warning, ...rest);
  };
}
