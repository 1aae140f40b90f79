import { mustBeInTime } from '../lib/attempt.ts';
import { childEnvironment } from '../lib/child-environment.ts';
import { execaChild } from '../lib/execa-child.ts';
import { final, transient } from '../lib/fail.ts';
import { failures } from '../../domain/deploy/failures.ts';

export type GitAnswer = { code: number; stdout: string; stderr: string };
export type GitCall = {
  cwd?: string;
  /** The standard input of git. Use bytes for file names, because a name may be invalid UTF-8. */
  input?: string | Uint8Array;
  env?: Record<string, string>;
  /** The remote of this call. git sends `token` in a header, and only to the origin of `url`. */
  remote?: { url: string; token: string | undefined };
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  /** The largest stdout in bytes. A larger output is an error. */
  maxBuffer?: number;
  /** With latin1, every byte of stdout becomes one character. */
  encoding?: 'utf8' | 'latin1';
};
export type RunGit = (args: string[], call?: GitCall) => Promise<GitAnswer>;

const settings: [string, string][] = [
  ['gc.autoDetach', 'false'],
  ['maintenance.autoDetach', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.symlinks', 'false'],
  ['core.autocrlf', 'false'],
  ['advice.detachedHead', 'false'],
];

const authorization = (remote: GitCall['remote']): [string, string][] => {
  if (!remote?.token || !/^https?:/.test(remote.url)) return [];
  const basic = Buffer.from(`x-access-token:${remote.token}`).toString('base64');
  return [[`http.${new URL(remote.url).origin}/.extraHeader`, `Authorization: Basic ${basic}`]];
};

/**
 * Returns git settings as environment variables. The option `-c` is not safe for a token, because
 * every user of the machine can read a command line.
 */
function configured(pairs: [string, string][]): Record<string, string> {
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(pairs.length) };
  for (const [index, [key, value]] of pairs.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}

const environment = (call: GitCall) =>
  childEnvironment({
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=10',
    GIT_ALLOW_PROTOCOL: 'http:https:ssh',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_HTTP_LOW_SPEED_LIMIT: '1',
    GIT_HTTP_LOW_SPEED_TIME: '30',
    ...configured([...settings, ...authorization(call.remote)]),
    ...call.env,
  });

/**
 * Runs git with a time limit, without prompts and hooks. Returns every exit code, even if the code
 * is not 0. Throws a transient failure if git does not finish in time, or if git prints too much.
 * Throws a final failure of type 'misconfigured' if git is not installed. Does not start git in a
 * late attempt of an effect.
 */
export const runGit: RunGit = async (args, call = {}) => {
  const timeoutMs = call.timeoutMs ?? 60_000;
  mustBeInTime();
  const result = await execaChild('git', args, {
    ...(call.cwd === undefined ? {} : { cwd: call.cwd }),
    ...(call.input === undefined ? { stdin: 'ignore' as const } : { input: call.input }),
    ...(call.signal === undefined ? {} : { cancelSignal: call.signal }),
    env: environment(call),
    reject: false,
    timeout: timeoutMs,
    forceKillAfterDelay: 2000,
    encoding: call.encoding ?? 'utf8',
    maxBuffer: call.maxBuffer ?? 64 * 1024 * 1024,
    stripFinalNewline: false,
  });
  if (result.isCanceled) throw call.signal?.reason ?? new Error('cancelled');
  if (result.timedOut)
    throw transient(`git ${args[0]} did not finish in ${Math.round(timeoutMs / 1000)} s.`);
  if (result.code === 'ENOENT') throw final(failures.misconfigured, noGit);
  if (result.isMaxBuffer) throw transient(`git ${args[0]} printed more than Plimsoll can read.`);
  return { code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
};

const noGit =
  'There is no git on the PATH of the worker.\nInstall git 2.39 or newer and start the worker again.';
