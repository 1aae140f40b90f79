import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { runProcess } from '../../lib/process.ts';
import type { Access } from './api/access.ts';
import type { Wrangler } from './find-wrangler.ts';
import { wranglerEnvironment } from './wrangler-environment.ts';

/** One line of wrangler's machine-readable output. */
type WranglerRecord = {
  type: string;
  version_id?: unknown;
  code?: unknown;
  message?: unknown;
};
export type WranglerResult = {
  code: number | null;
  timedOut: boolean;
  /** The time limit of the command. */
  timeoutMs: number;
  /** The end of wrangler's output, without the token. */
  output: string;
  records: WranglerRecord[];
};
export type WranglerCall = {
  wrangler: Wrangler;
  access: Access;
  /** Working directory of wrangler. Default: an empty directory. */
  directory?: string;
  args: string[];
  timeoutMs: number;
};

/**
 * Runs wrangler without stdin, with a new home directory and an empty `.env` file. Returns every
 * exit code. The exit code does not prove the effect, so the caller must read the state from
 * Cloudflare.
 */
export async function runWrangler(call: WranglerCall): Promise<WranglerResult> {
  const { wrangler, access, args, timeoutMs } = call;
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-wrangler-'));
  const records = join(home, 'records.ndjson');
  const dotenv = join(home, 'empty.env');
  const cwd = call.directory ?? join(home, 'empty');
  try {
    await mkdir(cwd, { recursive: true });
    await writeFile(dotenv, '');
    const env = wranglerEnvironment(home, records, access);
    const argv = [process.execPath, wrangler.bin, ...args, '--env-file', dotenv];
    const result = await withHeartbeat((signal) =>
      runProcess(argv, { cwd, env, timeoutMs, signal }),
    );
    const output = result.output.replaceAll(access.token, '…');
    return {
      ...result,
      timeoutMs,
      output,
      records: recordsIn(await readFile(records, 'utf8').catch(() => '')),
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function recordsIn(text: string): WranglerRecord[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as WranglerRecord];
    } catch {
      return [];
    }
  });
}
