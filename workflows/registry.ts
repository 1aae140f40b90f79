import { condition } from '@temporalio/workflow';

/** Its memo tells clients the task queue, the projects and their environments; it lives as long as its worker's configuration. */
export async function registry(): Promise<void> {
  await condition(() => false);
}
