import { condition } from '@temporalio/workflow';

/**
 * Keeps a memo for clients. The memo contains the task queue, the projects and their environments.
 * The workflow stays open as long as the configuration of its worker is in use.
 */
export async function registry(): Promise<void> {
  await condition(() => false);
}
