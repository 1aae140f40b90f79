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

/** What the worker runs, the module of summaries included. */
export const realBundle = async () => ({ codePath: await workflowBundle() });

/** `from` must be there exactly once: a change that no longer changes anything is no negative twin. */
export type Mutation = { file: string; from: string; to: string };

/** The same workflows with one change, made in a copy. */
export async function mutantBundle({ file, from, to }: Mutation): Promise<WorkflowBundle> {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-mutant-'));
  try {
    for (const part of ['workflows', 'domain', 'package.json'])
      cpSync(join(root, part), join(directory, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    const path = join(directory, file);
    const pieces = readFileSync(path, 'utf8').split(from);
    if (pieces.length !== 2)
      throw new Error(`${file} has this ${pieces.length - 1} times, not once:\n${from}`);
    writeFileSync(path, pieces.join(to));
    return await bundleIn(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
