import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';
import { workflowBundle } from '../../worker/engine/workflow-bundle.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const loader = fileURLToPath(new URL('replace-loader.cjs', import.meta.url));
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error };

/** The bundle of the workflows that the worker runs. */
export const realBundle = async () => ({ codePath: await workflowBundle() });

/**
 * A change of a workflow file: `to` replaces `from`. The file must contain `from` exactly once,
 * because a change without `from` would change nothing.
 */
export type Mutation = { file: string; from: string; to: string };

/**
 * Makes bundles of the same workflows, each with one change. The bundles share a cache, so that
 * only the changed file is compiled again. Call `end` to delete the cache.
 */
export function mutants() {
  const cacheDirectory = mkdtempSync(join(tmpdir(), 'plimsoll-mutant-'));
  const made = new Set<string>();
  const bundle = async ({ file, from, to }: Mutation): Promise<WorkflowBundle> => {
    const path = join(root, file);
    const count = readFileSync(path, 'utf8').split(from).length - 1;
    if (count !== 1) throw new Error(`${file} has this text ${count} times, not once:\n${from}`);
    // The cache knows a changed file by this name. It does not look at the options of the loader.
    const ident = createHash('sha256')
      .update(JSON.stringify([from, to]))
      .digest('hex');
    const changed = await bundleWorkflowCode({
      workflowsPath: join(root, 'workflows/index.ts'),
      workflowInterceptorModules: [join(root, 'workflows/summaries.ts')],
      logger: quiet,
      webpackConfigHook: (config) => ({
        ...config,
        cache: { type: 'filesystem', cacheDirectory },
        module: {
          ...config.module,
          rules: [
            ...(config.module?.rules ?? []),
            { enforce: 'pre', resource: path, use: { loader, ident, options: { from, to } } },
          ],
        },
      }),
    });
    if (made.has(changed.code)) throw new Error(`${file} was bundled with an earlier change`);
    made.add(changed.code);
    return changed;
  };
  return { bundle, end: () => rmSync(cacheDirectory, { recursive: true, force: true }) };
}
