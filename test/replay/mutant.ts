import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';
import { workflowBundle } from '../../worker/engine/workflow-bundle.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error };

const bundleIn = (directory: string): Promise<WorkflowBundle> =>
  bundleWorkflowCode({
    workflowsPath: join(directory, 'workflows/index.ts'),
    workflowInterceptorModules: [join(directory, 'workflows/summaries.ts')],
    logger: quiet,
  });

/** The bundle of the workflows that the worker runs. */
export const realBundle = async () => ({ codePath: await workflowBundle() });

/**
 * A change of a workflow file: `to` replaces `from`. The file must contain `from` exactly once,
 * because a change without `from` would change nothing.
 */
export type Mutation = { file: string; from: string; to: string };

/** A bundle of the same workflows with one change. The change is made in a copy of the files. */
export async function mutantBundle({ file, from, to }: Mutation): Promise<WorkflowBundle> {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-mutant-'));
  try {
    for (const part of ['workflows', 'domain', 'package.json'])
      cpSync(join(root, part), join(directory, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    const path = join(directory, file);
    const pieces = readFileSync(path, 'utf8').split(from);
    if (pieces.length !== 2)
      throw new Error(`${file} has this text ${pieces.length - 1} times, not once:\n${from}`);
    writeFileSync(path, pieces.join(to));
    return await bundleIn(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
