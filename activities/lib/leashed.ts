import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

export type LeashedCall = {
  cwd: string;
  /** The whole environment: nothing is inherited. */
  env: Record<string, string>;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
};
/** `code` null = a signal ended it; `output` is the end of stdout and stderr as they came. */
export type LeashedResult = { code: number | null; output: string; timedOut: boolean };

const mostOutput = 64 * 1024;
const graceMs = 2000;

/** The pipe on descriptor 3 ends with us, however we end: then the whole process group is killed. */
const leash = `(trap '' TERM; read -r _ <&3; kill -9 -$$) </dev/null >/dev/null 2>&1 &
exec 3<&-
exec "$@"`;

/**
 * Runs a command without stdin in a process group of its own, which never outlives this process, the
 * time-out or the signal. A non-zero code is an answer; rejects with the reason of `signal`, and with
 * the system's error where the command cannot be started.
 */
export async function runLeashed(argv: string[], call: LeashedCall): Promise<LeashedResult> {
  const { timeoutMs, signal } = call;
  signal?.throwIfAborted();
  const child = start(argv, call);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.stop();
  }, timeoutMs);
  signal?.addEventListener('abort', child.stop, { once: true });
  try {
    const code = await child.ended;
    signal?.throwIfAborted();
    return { code, output: child.output(), timedOut };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', child.stop);
  }
}

function start(argv: string[], { cwd, env }: LeashedCall) {
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe'] as const;
  const options = { cwd, env, detached: true, stdio: [...stdio] };
  const child = spawn('/bin/sh', ['-c', leash, 'sh', ...argv], options);
  const rope = child.stdio[3] as Writable;
  rope.on('error', () => {});
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk) => {
      output = `${output}${chunk}`.slice(-mostOutput);
    });
  child.once('exit', () => rope.destroy());
  return {
    output: () => output,
    ended: new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    }),
    stop: () => {
      terminate(child.pid);
      setTimeout(() => rope.destroy(), graceMs).unref();
    },
  };
}

function terminate(pid: number | undefined) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // The group is gone already.
  }
}
