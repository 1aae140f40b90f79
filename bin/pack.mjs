import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ended, withNode } from './launch.mjs';
import { userError } from './npm.mjs';
import { ensureDependencies } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

/** What an installed package runs: Node strips no types under node_modules, and a worker bundles nothing at start. */
await withNode(import.meta.url, async () => {
  await ensureDependencies();
  rmSync(dist, { recursive: true, force: true });
  await emit();
  writeFileSync(join(dist, 'workflow-bundle.js'), await bundle());
});

async function emit() {
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const child = spawn(tsc, ['--project', 'tsconfig.build.json'], {
    cwd: root,
    // npm reads our stdout (npm pack --json): what the compiler says goes to stderr.
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}` },
  });
  const { code } = await ended(child);
  if (code !== 0) throw userError('The sources do not compile. See why: npm run types');
}

async function bundle() {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows', 'index.ts'),
    // As worker/main.ts does from a clone.
    workflowInterceptorModules: [join(root, 'workflows', 'summaries.ts')],
    logger: new DefaultLogger('WARN'),
  });
  return code;
}
