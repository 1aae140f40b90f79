import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/**
 * A shell script that starts a program in a new session. The Node process that started the script
 * holds the other end of the pipe on descriptor 3. The pipe closes when this Node process ends for
 * any reason, or when `kill` closes it. Then a background part of the script kills all processes of
 * the session, including processes in other process groups.
 */
const script = `(read -r _ <&3
for stat in $(grep -lsE "[)] . [0-9]+ [0-9]+ $$ " /proc/[0-9]*/stat); do
  read -r line 2>/dev/null <"$stat" || continue
  set -- \${line##*) }
  pid=\${stat#/proc/} pid=\${pid%/stat}
  [ "$4" = "$$" ] && [ "$3" != "$$" ] && kill -9 "$pid"
done
kill -9 -$$) </dev/null >/dev/null 2>&1 &
exec 3<&-
exec "$@"`;

export type Guarded = {
  pid: number;
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Resolves when the process has ended and its whole output was read. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Kills all processes of the session at once. */
  kill(): void;
  terminate(): void;
};

export type GuardOptions = { cwd: string; env: Record<string, string> };

export function startGuarded(argv: string[], options: GuardOptions): Guarded {
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...argv], {
    ...options,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr)
    throw new Error('The child process was started without stdin, stdout or stderr.');
  stdin.on('error', () => {});
  const leash = child.stdio[3] as Writable;
  leash.on('error', () => {});
  child.once('exit', () => leash.destroy());
  return {
    pid: child.pid ?? -1,
    stdin,
    stdout,
    stderr,
    ended: ending(child),
    kill: () => void leash.destroy(),
    terminate: () => void child.kill('SIGTERM'),
  };
}

const ending = (child: ChildProcess) =>
  new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
