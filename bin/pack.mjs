import { spawn } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ended, withNode } from './launch.mjs';
import { userError } from './npm.mjs';
import { ensureDependencies } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

/**
 * Builds the JavaScript and the workflow bundle of the npm package. The package needs JavaScript,
 * because Node strips no types from files under node_modules. With the bundle, an installed worker
 * does not have to bundle the workflows when it starts.
 */
await withNode(import.meta.url, async () => {
  await ensureDependencies();
  rmSync(dist, { recursive: true, force: true });
  await emit();
  const { workflowBundle } = await import('../worker/engine/workflow-bundle.ts');
  copyFileSync(await workflowBundle(), join(dist, 'workflow-bundle.js'));
});

async function emit() {
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const child = spawn(tsc, ['--project', 'tsconfig.build.json'], {
    cwd: root,
    // npm reads the stdout of this process (npm pack --json), so the output of the compiler goes to
    // stderr.
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}` },
  });
  const { code } = await ended(child);
  if (code !== 0) throw userError('The sources do not compile. See why: npm run types');
}
