import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mayChangeNow } from '../../lib/attempt.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import type { Builder } from '../../builds/builder.ts';
import { bareEnvironment, compiledSources } from '../../lib/hermetic.ts';
import { runProcess } from '../../lib/process.ts';
import type { RunResult } from '../../lib/process.ts';
import type { Access } from './api/access.ts';
import { modulesOf } from './find-wrangler.ts';
import type { Wrangler } from './find-wrangler.ts';
import type { Upload } from './prepare-upload.ts';
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
  args: string[];
  timeoutMs: number;
  /**
   * The output of a build, and the builder that runs wrangler on this output. Without `upload`,
   * wrangler runs in an empty directory and without a builder. A rollback runs in this way, because
   * it must not depend on the isolation of builds.
   */
  upload?: Upload & { builder: Builder };
};

/**
 * Runs wrangler without stdin, with a new home directory and an empty `.env` file. Returns every
 * exit code. The exit code does not prove the effect, so the caller must read the state from
 * Cloudflare.
 */
export async function runWrangler(call: WranglerCall): Promise<WranglerResult> {
  const { access, timeoutMs } = call;
  const home = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-wrangler-')));
  try {
    await mayChangeNow();
    const result = await withHeartbeat((signal) => start(call, home, signal));
    const output = result.output.replaceAll(access.token, '…');
    const records = await readFile(recordsAt(home), 'utf8').catch(() => '');
    return { ...result, timeoutMs, output, records: recordsIn(records) };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const recordsAt = (home: string) => join(home, 'records.ndjson');

/** Starts wrangler. `home` is an empty directory. */
async function start(call: WranglerCall, home: string, signal: AbortSignal): Promise<RunResult> {
  const { wrangler, access, upload, timeoutMs } = call;
  const dotenv = join(home, 'empty.env');
  await writeFile(dotenv, '');
  const args = [...call.args, ...(upload?.args ?? []), '--env-file', dotenv];
  const env = wranglerEnvironment(recordsAt(home), access);
  if (upload)
    return upload.builder.run({
      argv: ['node', wrangler.bin, ...args],
      ...{ cwd: upload.directory, env, timeoutMs, signal },
      writable: [home, upload.directory],
      readable: [modulesOf(wrangler), ...upload.readable],
      network: { kind: 'whole' },
    });
  const cwd = join(home, 'empty');
  await mkdir(cwd);
  return runProcess([process.execPath, wrangler.bin, ...args], {
    ...{ cwd, timeoutMs, signal },
    env: { ...bareEnvironment(home), ...compiledSources(), ...env },
  });
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
