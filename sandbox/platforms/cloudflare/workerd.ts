import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { startGuarded } from '../vps/guard.ts';
import { capnpOf, filesOf } from './capnp.ts';
import type { Version } from './state.ts';

export type Isolate = { port: number; stop(): Promise<void> };
/** The error for a version that does not start. `message` is the error text of workerd. */
export class StartError extends Error {}

/** Returns the path of the workerd binary that wrangler installs. */
function workerdPath(): string {
  const wrangler = createRequire(import.meta.url).resolve('wrangler/package.json');
  return (createRequire(wrangler)('workerd') as { default: string }).default;
}

function writeConfig(directory: string, version: Version) {
  mkdirSync(directory, { recursive: true });
  for (const [place, { content }] of filesOf(version).entries())
    writeFileSync(join(directory, `module-${place}`), content);
  const path = join(directory, 'config.capnp');
  writeFileSync(path, capnpOf(version));
  return path;
}

/**
 * Starts a workerd process that serves one version. The workerd process ends when this process
 * ends. Rejects with StartError if the version does not start.
 */
export async function startIsolate(directory: string, version: Version): Promise<Isolate> {
  const config = writeConfig(directory, version);
  const argv = [workerdPath(), 'serve', config, '--control-fd=1'];
  const child = startGuarded(argv, { cwd: directory, env: { LC_ALL: 'C' } });
  let said = '';
  child.stderr.on('data', (chunk) => (said = `${said}${chunk}`.slice(-4000)));
  const port = await new Promise<number>((resolve, reject) => {
    let heard = '';
    child.stdout.on('data', (chunk) => {
      heard = `${heard}${chunk}`.slice(-10_000);
      const found = /"event":"listen".*?"port":(\d+)/.exec(heard)?.[1];
      if (found) resolve(Number(found));
    });
    void child.ended.then(() => reject(new StartError(said.trim() || 'workerd ended')));
  });
  const stop = async () => {
    child.kill();
    await child.ended;
  };
  return { port, stop };
}
