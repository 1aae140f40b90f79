import type { NodeSSH } from 'node-ssh';
import type { ClientChannel } from 'ssh2';
import { transient, unknown } from './lib/fail.ts';
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

export const createRemote = (ssh: NodeSSH, name: string): Remote => ({
  name,
  async run(script, args, options) {
    const { timeoutMs, step = 'read' } = options;
    const channel = await open(ssh, name, commandLine(step, args, timeoutMs));
    const limit = setTimeout(() => ssh.dispose(), timeoutMs + graceMs);
    try {
      return await collect(channel, whole(script), { name, step });
    } finally {
      clearTimeout(limit);
    }
  },
});

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

function open(ssh: NodeSSH, name: string, command: string): Promise<ClientChannel> {
  const client = ssh.connection;
  return new Promise((resolve, reject) => {
    const lost = (why = 'closed') => {
      client?.removeListener('close', lost);
      reject(transient(`${name}: the ssh connection was lost before a command started (${why}).`));
    };
    if (!client) return lost();
    client.once('close', lost);
    client.exec(command, (cause, channel) => {
      if (cause) return lost(cause.message);
      client.removeListener('close', lost);
      resolve(channel);
    });
  });
}

type What = { name: string; step: string };

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
