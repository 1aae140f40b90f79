import { readFile } from 'node:fs/promises';
import type { Client } from '@temporalio/client';

/** The id of every workflow, with all text of its history and description. Payloads are decoded. */
export async function historiesOf(client: Client): Promise<{ workflow: string; text: string }[]> {
  const found: { workflow: string; text: string }[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const [history, { raw }] = await Promise.all([handle.fetchHistory(), handle.describe()]);
    found.push({ workflow: workflowId, text: textOf({ history, raw }) });
  }
  return found;
}

/** All strings inside `value`, one per line. Bytes are decoded as UTF-8. */
export function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textOf).filter(Boolean).join('\n');
}

/** All spellings of a secret: as it is, in base64, as a basic-auth token, in JSON, in a URL. */
export function spellings(secret: string): string[] {
  const encoded = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '');
  const ways = [secret, encoded(secret), encoded(`x-access-token:${secret}`)];
  const quoted = JSON.stringify(secret).slice(1, -1);
  return [...new Set([...ways, quoted, encodeURIComponent(secret)])];
}

export const hits = (text: string, secrets: string[]) =>
  secrets.flatMap(spellings).filter((spelling) => text.includes(spelling)).length;

export const bytesOf = async (path: string) =>
  (await readFile(path).catch(() => Buffer.alloc(0))).toString('latin1');
