import { spawn } from 'node:child_process';

/**
 * Runs npm without its normal output. Rejects with the first lines that npm wrote to stderr. If
 * this process gets SIGINT or SIGTERM, npm ends too.
 */
export function npm(args, { cwd, env }) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn('npm', [...args, ...quiet], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
  let errors = '';
  child.stderr.on('data', (chunk) => (errors = (errors + chunk).slice(0, 8000)));
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`npm did not start: ${cause.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(essence(errors) || `npm ended with ${signal ?? `exit code ${code}`}`));
    });
  }).finally(() => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop);
  });
}

/**
 * Returns the first eight lines of the errors of npm. npm prints the reason first.
 */
const essence = (errors) =>
  errors
    .split('\n')
    .filter((line) => !/^(npm error)?\s*$/.test(line))
    .slice(0, 8)
    .join('\n');

/**
 * Runs `work` and prints one line. The line has the text, a dot every two seconds, and the
 * duration.
 */
export async function withDots(text, say, work) {
  const started = Date.now();
  say(`${text} `);
  const ticker = setInterval(() => say('.'), 2000);
  try {
    const result = await work();
    say(` done (${Math.round((Date.now() - started) / 1000)} s)\n`);
    return result;
  } catch (cause) {
    say('\n');
    throw cause;
  } finally {
    clearInterval(ticker);
  }
}

/** Makes an error that a person can fix. `withNode` prints its message without a stack. */
export const userError = (message, cause) =>
  Object.assign(new Error(message, { cause }), { name: 'UserError' });

export const indent = (text) => text.replace(/^/gm, '  ');
