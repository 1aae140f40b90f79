import type { Client, ClientChannel } from 'ssh2';
import { transient, unknown } from './lib/fail.ts';
import { orAborted } from './lib/or-aborted.ts';
import { quote } from './platforms/commands.ts';

export type RunOptions = {
  /** The remote `timeout` ends the script after this; ours follows 10 s later. */
  timeoutMs: number;
  /** First argument on the host, for `ps` there and for the sandbox's faults; default: read. */
  step?: string;
};
export type RemoteResult = { code: number; stdout: string; stderr: string };
export type Remote = {
  /** Host as people know it. */
  name: string;
  /**
   * Runs a fixed script with arguments. Each stream is capped at 64 KB, its tail kept.
   * Transient: Unavailable (it never started), UnknownOutcome (connection lost or time-out).
   */
  run(script: string, args: string[], options: RunOptions): Promise<RemoteResult>;
};

const cap = 64 * 1024;
const graceMs = 10_000;

/** What the host's login shell is asked to run. */
export function commandLine(step: string, args: string[], timeoutMs: number): string {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  const words = [step, ...args].map(quote).join(' ');
  return `timeout --kill-after=5 ${seconds} sh -s -- ${words}`;
}

/**
 * A function called on the last line: a script cut off by a lost connection does nothing, and
 * nothing in it reads it.
 */
const whole = (script: string) => `main() {\n${script}\n}\nshift\nmain "$@" </dev/null\n`;

/** The host's shell, waiting for its script: until that is sent, nothing has happened. */
export function openChannel(client: Client, name: string, command: string): Promise<ClientChannel> {
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
type Talk = What & { timeoutMs: number; signal: AbortSignal | undefined };

/**
 * Sends the script and waits for its end. Nothing heard in time: UnknownOutcome; cancelled: the
 * signal's reason. After both the channel is still open, and its owner closes it.
 */
export async function converse(
  channel: ClientChannel,
  script: string,
  { timeoutMs, signal, ...what }: Talk,
): Promise<RemoteResult> {
  signal?.throwIfAborted();
  const late = Promise.withResolvers<never>();
  const limit = setTimeout(() => late.reject(lostConnection(what)), timeoutMs + graceMs);
  const ended = collect(channel, whole(script), what);
  try {
    return await orAborted(Promise.race([late.promise, ended]), signal);
  } finally {
    clearTimeout(limit);
  }
}

function collect(channel: ClientChannel, script: string, what: What): Promise<RemoteResult> {
  const stdout = tail();
  const stderr = tail();
  channel.on('data', stdout.add);
  channel.stderr.on('data', stderr.add);
  channel.on('error', () => {});
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
      'whether it happened is not known. The next attempt looks before it acts.',
  );

function unfinished(code: number | null, { name, step }: What) {
  if (code !== 124 && code !== 137) return undefined;
  return unknown(
    `${name}: "${step}" did not end in time and was stopped; what it did is not known. ` +
      'The next attempt looks before it acts.',
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
