import { spawn } from 'node:child_process';

/** Runs npm quietly; rejects with what it said on stderr. It never outlives this process's SIGINT or SIGTERM. */
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

/** npm says why first and how it is used after that. */
const essence = (errors) =>
  errors
    .split('\n')
    .filter((line) => !/^(npm error)?\s*$/.test(line))
    .slice(0, 8)
    .join('\n');

/** One line: the text, a dot every two seconds, and how long it took. */
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

/** An error that a person can act on: printed without a stack. */
export const userError = (message, cause) =>
  Object.assign(new Error(message, { cause }), { name: 'UserError' });

export const indent = (text) => text.replace(/^/gm, '  ');
