import { execFile, spawn } from 'node:child_process';
import type {
  ChildProcess,
  ChildProcessWithoutNullStreams,
  SpawnOptions,
  SpawnOptionsWithoutStdio,
} from 'node:child_process';

/**
 * `env` is the whole environment of the child, and nothing is inherited. `childEnvironment` makes it.
 * Without `env`, Node would give a child every variable of the worker, with all tokens.
 */
type WithEnvironment = { env: Record<string, string> };

/** Starts child processes. A test checks that only `spawnChild` and `execaChild` do this. */
export const spawnChild = spawn as {
  (
    command: string,
    args: readonly string[],
    options: SpawnOptionsWithoutStdio & WithEnvironment,
  ): ChildProcessWithoutNullStreams;
  (command: string, args: readonly string[], options: SpawnOptions & WithEnvironment): ChildProcess;
};

/** `code` is null if the program did not end by itself. `missing`: there is no such program. */
export type ChildAnswer = { code: number | null; missing: boolean; text: string };

/**
 * Runs a short command, by default for at most 10 s. Returns every exit code, and the output with
 * stdout before stderr. Never rejects.
 */
export const askChild = (
  program: string,
  args: readonly string[],
  { env, timeoutMs = 10_000 }: WithEnvironment & { timeoutMs?: number | undefined },
): Promise<ChildAnswer> =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: timeoutMs, env }, (error, stdout, stderr) => {
      const missing = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
      const code = error ? (typeof error.code === 'number' ? error.code : null) : 0;
      resolve({ code, missing, text: stdout + stderr });
    });
  });
