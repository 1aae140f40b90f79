import type { ChildProcess, IOType } from 'node:child_process';
import { once } from 'node:events';
import { childEnvironment } from './child-environment.ts';
import { spawnChild } from './child.ts';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustBeInTime } from './attempt.ts';

/**
 * A shell script that starts the command and watches the calling process. The calling process is
 * the Node process that started the script. When it ends for any reason, the pipe on descriptor 3
 * closes. Then the script sends TERM to the whole process group. The script sends KILL when the
 * command has ended, or at the latest after $1 tenths of a second.
 */
const watched = `(trap '' TERM
read -r _ <&3
kill -15 -$$
left=$1
while [ "$left" -gt 0 ] && kill -0 $$; do sleep 0.1; left=$((left - 1)); done
kill -9 -$$) </dev/null >/dev/null 2>&1 &
shift
exec 3<&-
exec "$@"`;

type Start = {
  cwd?: string | undefined;
  /** All environment variables of the command. The command inherits none. */
  env: Record<string, string>;
  stdout?: IOType | number;
  stderr?: IOType | number;
  /** The time from TERM to KILL in milliseconds, when the command is stopped. */
  graceMs: number;
  /** The time from TERM to KILL in milliseconds, after the calling process has ended. */
  orphanGraceMs: number;
};

/**
 * Starts a command without stdin, in its own session and process group. When the command ends,
 * kills all other processes of its process group.
 */
function start(argv: readonly string[], options: Start) {
  const { cwd, env, stdout = 'pipe', stderr = 'pipe', graceMs, orphanGraceMs } = options;
  const tenths = String(Math.ceil(orphanGraceMs / 100));
  const child = spawnChild('/bin/sh', ['-c', watched, 'sh', tenths, ...argv], {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    stdio: ['ignore', stdout, stderr, 'pipe'],
    detached: true,
  });
  const pipe = child.stdio[3] as Writable;
  pipe.on('error', () => {});
  const exited = new Promise<number | null>((done, fail) => {
    child.once('error', fail).once('exit', (code) => {
      signalGroup(child, 'SIGKILL');
      pipe.destroy();
      done(code);
    });
  });
  const closed = new Promise<number | null>((done, fail) => {
    child.once('error', fail).once('close', done);
  });
  for (const promise of [exited, closed]) promise.catch(() => {});
  let stopping = false;
  const terminate = () => {
    if (stopping || child.exitCode !== null || child.signalCode !== null) return;
    stopping = true;
    signalGroup(child, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs).unref();
    child.once('exit', () => clearTimeout(timer));
  };
  return { child, exited, closed, terminate };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals) {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The process group has already ended.
  }
}

export type RunOptions = {
  cwd: string;
  /** All environment variables of the command. The command inherits no others. */
  env: Record<string, string>;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
};
/**
 * `code` is null if a signal ended the command. `output` is the end of stdout and stderr, mixed in
 * order of arrival.
 */
export type RunResult = { code: number | null; output: string; timedOut: boolean };

const mostOutput = 64 * 1024;

/**
 * Runs a command in its own process group. Stops the group at the time limit, when `signal` fires,
 * and when the calling process ends. Returns every exit code. The code 127 means that there is no
 * such program. Rejects with the reason of `signal`, or with the system's error if the system
 * cannot start a process. In a late attempt of an effect, does not start the command.
 */
export async function runProcess(argv: string[], options: RunOptions): Promise<RunResult> {
  const { cwd, env, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  mustBeInTime();
  const { child, closed, terminate } = start(argv, { cwd, env, graceMs: 2000, orphanGraceMs: 0 });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk) => {
      output = `${output}${chunk}`.slice(-mostOutput);
    });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    terminate();
  }, timeoutMs);
  signal?.addEventListener('abort', terminate, { once: true });
  try {
    const code = await closed;
    signal?.throwIfAborted();
    return { code, output, timedOut };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', terminate);
  }
}

export type StartOptions = {
  cwd?: string;
  /** All environment variables of the command. Default: those of `childEnvironment`. */
  env?: Record<string, string>;
  stdout?: IOType | number;
  stderr?: IOType | number;
  /** Milliseconds from TERM to KILL. Default: 5000. */
  graceMs?: number;
};

export type Started = {
  pid: number;
  process: ChildProcess;
  /** Sends TERM, then KILL after `graceMs`, to the command's whole process group. */
  stop(): Promise<void>;
  /**
   * Resolves with the exit code of the command, or with null if a signal ended the command. After
   * the command has ended, all other processes of its process group are killed.
   */
  exited: Promise<number | null>;
};

/**
 * Starts a command. When the calling process ends, even after a crash, the pipes of the command
 * close at once. The command is then stopped after at most `graceMs`. If the command must write
 * during this time, its output must go to a file. The command has its own session, so Ctrl-C
 * reaches only the calling process. The calling process can then stop its commands in the right
 * order. Rejects if the command does not start.
 */
export async function startProcess(
  command: string,
  args: string[],
  options: StartOptions = {},
): Promise<Started> {
  const notStarted = (why: string) => new Error(`${command} did not start: ${why}`);
  if (!isProgram(command, options)) throw notStarted(`spawn ${command} ENOENT`);
  const graceMs = options.graceMs ?? 5000;
  const env = options.env ?? childEnvironment();
  const begun = start([command, ...args], { ...options, env, graceMs, orphanGraceMs: graceMs });
  const { child, exited, terminate } = begun;
  await once(child, 'spawn').catch((cause: Error) => {
    throw notStarted(cause.message);
  });
  const stop = async () => {
    terminate();
    await exited;
  };
  return { pid: child.pid ?? -1, process: child, stop, exited };
}

/**
 * True if the command is an executable file. `startProcess` needs this check, because the shell
 * reports a missing program only by an exit code.
 */
function isProgram(command: string, { cwd = '', env = childEnvironment() }: StartOptions): boolean {
  const directories = (env['PATH'] ?? '/usr/bin:/bin').split(delimiter);
  const paths = command.includes('/') ? [command] : directories.map((path) => join(path, command));
  return paths.some((path) => isExecutable(resolve(cwd, path)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export type MustRunOptions = Omit<StartOptions, 'stdout' | 'stderr'> & {
  timeoutMs: number;
  /**
   * A function that is called every `everyMs` with the seconds since the start. If it returns
   * `false`, the command is stopped.
   */
  onTick?: (seconds: number) => boolean | void;
  everyMs?: number;
};

/**
 * Runs a command to its end. Rejects with the end of the command's stderr if the exit code is not
 * 0. Rejects with the reason if the command was stopped at the time limit or by `onTick`.
 */
export async function mustRun(
  command: string,
  args: string[],
  { timeoutMs, onTick, everyMs = 1000, ...options }: MustRunOptions,
): Promise<void> {
  const startedAt = Date.now();
  const child = await startProcess(command, args, { ...options, stdout: 'ignore' });
  let errors = '';
  child.process.stderr?.on('data', (chunk) => (errors = (errors + chunk).slice(-4000)));
  const closed = once(child.process, 'close');
  let ended: string | undefined;
  const end = (why: string) => {
    ended ??= why;
    void child.stop();
  };
  const timer = setTimeout(() => end(`gave up after ${timeoutMs / 1000} s`), timeoutMs);
  const ticker = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    if (onTick?.(seconds) === false) end(`no progress after ${seconds} s`);
  }, everyMs);
  const code = await child.exited.finally(() => {
    clearTimeout(timer);
    clearInterval(ticker);
  });
  if (code === 0 && ended === undefined) return;
  // A process that left the process group may keep stderr open for ever. So the wait is at most
  // 1 s.
  await Promise.race([closed, sleep(1000, undefined, { ref: false })]);
  throw new Error(ended ?? (lastLines(errors, 5) || `ended with exit code ${code ?? 'none'}`));
}

export const lastLines = (text: string, count: number) =>
  text.trim().split('\n').slice(-count).join('\n');
