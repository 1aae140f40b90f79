import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pulse } from '../../git/pulse.ts';
import { runLeashed } from '../../lib/leashed.ts';
import type { Access } from './access.ts';
import type { Wrangler } from './find-wrangler.ts';
import { wranglerEnvironment } from './hermetic.ts';

/** One line of wrangler's own machine-readable output. */
export type WranglerRecord = {
  type: string;
  version_id?: unknown;
  code?: unknown;
  message?: unknown;
};
export type WranglerResult = {
  code: number | null;
  timedOut: boolean;
  /** Without the token. */
  output: string;
  records: WranglerRecord[];
};
export type WranglerCall = {
  wrangler: Wrangler;
  access: Access;
  /** Where it runs; absent = an empty directory. */
  directory?: string;
  args: string[];
  timeoutMs: number;
};

/** Runs wrangler without stdin, a home or a `.env` of its own. Its exit code is an answer and proves nothing. */
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
    const result = await pulse((signal) => runLeashed(argv, { cwd, env, timeoutMs, signal }));
    const output = result.output.replaceAll(access.token, '…');
    return {
      ...result,
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
