import { mayChangeNow, mustBeInTime } from '../../../lib/attempt.ts';
import { transient, unknown } from '../../../lib/fail.ts';
import { orAborted } from '../../../lib/or-aborted.ts';
import { quote } from '../commands.ts';
import type { Channel, Connection } from './connection.ts';

type RunOptions = {
  /**
   * Time limit in milliseconds. After this time, the program `timeout` on the host ends the script.
   * The worker waits 10 s longer.
   */
  timeoutMs: number;
  /**
   * The name of the step (default: read). The shell on the host gets this name as an argument. So
   * `ps` shows the name, and the sandbox can inject faults into this step.
   */
  step?: string;
  /**
   * A secret text for the script, in the shell variable `access`. The worker sends it over stdin.
   */
  access?: string;
  /** True if the script changes the host. */
  changes?: boolean;
};
export type RemoteResult = { code: number; stdout: string; stderr: string };
export type Remote = {
  /** The host's name, shown to people. */
  name: string;
  /**
   * Runs a fixed script with arguments on the host. Keeps the last 64 KB of stdout and of stderr.
   * Throws a transient failure if the script never started. Throws a failure of type
   * 'unknownOutcome' if the connection was lost, or if the time limit was reached.
   */
  run(script: string, args: string[], options: RunOptions): Promise<RemoteResult>;
};

const cap = 64 * 1024;
const graceMs = 10_000;

/** Returns the command line for the host's login shell. The shell reads the script from stdin. */
export function commandLine(step: string, args: string[], timeoutMs: number): string {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  const words = [step, ...args].map(quote).join(' ');
  return `timeout --kill-after=5 ${seconds} sh -s -- ${words}`;
}

/**
 * Wraps the script in a function, and calls this function on the last line. So if only a part of
 * the script arrives, the host runs no command of the script. stdin of the function is /dev/null,
 * because the commands in the function must not read the rest of the script from stdin.
 */
const whole = (script: string, access: string) =>
  `access=${quote(access)}\nmain() {\n${script}\n}\nshift\nmain "$@" </dev/null\n`;

/**
 * Starts a shell on the host. The shell waits for a script, so it does not change the host yet.
 * Rejects with a transient failure if the connection is lost.
 */
export function openChannel(client: Connection, name: string, command: string): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const lost = (why = 'closed') => {
      client.removeListener('close', lost);
      reject(transient(`${name}: the ssh connection was lost before a command started (${why}).`));
    };
    client.once('close', lost);
    try {
      client.exec(command, (cause, channel) => {
        if (cause) return lost(cause.message);
        client.removeListener('close', lost);
        resolve(channel);
      });
    } catch (cause) {
      lost((cause as Error).message);
    }
  });
}

type What = { name: string; step: string };
type Talk = What & {
  timeoutMs: number;
  access?: string | undefined;
  changes?: boolean | undefined;
  signal: AbortSignal | undefined;
};

/**
 * Sends the script and waits until the script ends. Throws a failure of type 'unknownOutcome' if
 * the script does not end in time. Throws the signal's reason if the signal fires. In a late
 * attempt of an effect, sends nothing and throws a transient failure. After a failure, the channel
 * may be open, and the caller must close it.
 */
export async function converse(
  channel: Channel,
  script: string,
  { timeoutMs, signal, access = '', changes = false, ...what }: Talk,
): Promise<RemoteResult> {
  if (changes) await mayChangeNow();
  signal?.throwIfAborted();
  const late = Promise.withResolvers<never>();
  const limit = setTimeout(() => late.reject(lostConnection(what)), timeoutMs + graceMs);
  const ended = collect(channel, whole(script, access), what);
  try {
    return await orAborted(Promise.race([late.promise, ended]), signal);
  } finally {
    clearTimeout(limit);
  }
}

function collect(channel: Channel, script: string, what: What): Promise<RemoteResult> {
  const stdout = tail();
  const stderr = tail();
  channel.on('data', stdout.add);
  channel.stderr.on('data', stderr.add);
  channel.on('error', () => {});
  mustBeInTime();
  channel.end(script);
  return new Promise((resolve, reject) => {
    let code: number | null = null;
    channel.on('exit', (exit: number | null) => (code = exit));
    channel.on('close', () => {
      const failure = unfinished(code, what);
      if (code === null || failure) reject(failure ?? lostConnection(what));
      else resolve({ code, stdout: stdout.text(), stderr: stderr.text() });
    });
  });
}

const lostConnection = ({ name, step }: What) =>
  unknown(
    `${name}: the ssh connection was lost in the middle of "${step}"; ` +
      'its effect is unknown. The next attempt checks before it acts.',
  );

function unfinished(code: number | null, { name, step }: What) {
  if (code !== 124 && code !== 137) return undefined;
  return unknown(
    `${name}: "${step}" did not end in time and was stopped; its effect is unknown. ` +
      'The next attempt checks before it acts.',
  );
}

function tail() {
  let text = Buffer.alloc(0) as Buffer;
  return {
    add: (chunk: Buffer) => {
      text = Buffer.concat([text, chunk]);
      if (text.length > 2 * cap) text = text.subarray(-cap);
    },
    text: () => text.subarray(-cap).toString('utf8'),
  };
}
