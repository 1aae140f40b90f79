import { spawn } from 'node:child_process';
import type { ChildProcess, IOType } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type Guarded = {
  /** The command's own process, not the guard's. */
  pid: number;
  /** The guard; its stdout and stderr are the command's. */
  process: ChildProcess;
  /** TERM, then KILL after `graceMs`, to the command and everything in its process group. */
  stop(): Promise<void>;
  /** The exit code; null when a signal ended it. */
  exited: Promise<number | null>;
};

export type GuardOptions = {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  stdout?: IOType | number;
  stderr?: IOType | number;
  graceMs?: number;
};

type Message = { pid?: number; error?: string; code?: number | null };

/**
 * Starts a command that cannot outlive this process, however this process ends.
 * It has a session of its own: Ctrl-C reaches us alone, and we decide in which order things stop.
 * Rejects when the command cannot be started.
 */
export async function spawnGuarded(
  command: string,
  args: string[],
  options: GuardOptions = {},
): Promise<Guarded> {
  const guard = startGuard(command, args, options);
  let code: number | null = null;
  guard.on('message', (message: Message) => {
    if (message.code !== undefined) code = message.code;
  });
  // The channel closes after its last message was read; the exit alone may come before it.
  const gone = Promise.all([once(guard, 'exit'), once(guard, 'disconnect')]);
  gone.catch(() => {});
  const pid = await childPid(guard, command);
  const exited = gone.then(() => {
    // A guard that was itself killed leaves its command to us.
    killGroup(pid);
    return code;
  });
  const stop = async () => {
    guard.kill('SIGTERM');
    await exited;
  };
  return { pid, process: guard, stop, exited };
}

function startGuard(command: string, args: string[], options: GuardOptions): ChildProcess {
  const { cwd, env, stdout = 'pipe', stderr = 'pipe', graceMs = 5000 } = options;
  const guard = fileURLToPath(new URL('./guard.mjs', import.meta.url));
  return spawn(process.execPath, [guard, String(graceMs), command, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    stdio: ['pipe', stdout, stderr, 'ipc'],
    detached: true,
  });
}

function childPid(guard: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${command} did not start: ${why}`));
    guard.on('message', ({ pid, error }: Message) => {
      if (pid !== undefined) resolve(pid);
      if (error !== undefined) fail(error);
    });
    guard.once('error', (cause) => fail(cause.message));
    guard.once('exit', (code, signal) => fail(`its guard ended with ${signal ?? code}`));
  });
}

function killGroup(pid: number) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The usual case: the group is gone.
  }
}
