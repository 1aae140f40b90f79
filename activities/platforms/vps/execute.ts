import { failures } from '../../../domain/failures.ts';
import { final, transient } from '../../lib/fail.ts';
import type { Remote, RemoteResult } from '../../ssh-remote.ts';
import type { RemoteCommand } from '../commands.ts';
import { exits } from './scripts.ts';
import { logTail } from './log-tail.ts';

export type Explain = (result: RemoteResult) => Error | undefined;

/**
 * Runs one command and answers its stdout. `explain` names the exits of this step; the rest is
 * common:
 * lock held → Unavailable, sudo refused → RejectedByPlatform, anything else → Unavailable with
 * its last words.
 */
export async function execute(remote: Remote, command: RemoteCommand, explain?: Explain) {
  const { script, args, step, timeoutMs } = command;
  const result = await remote.run(script, args, { step, timeoutMs });
  if (result.code === 0) return result.stdout;
  throw explain?.(result) ?? common(remote.name, command, result);
}

function common(
  name: string,
  { step, args }: RemoteCommand,
  { code, stderr }: RemoteResult,
): Error {
  if (code === exits.locked) {
    return transient(
      `${name}: another deploy is at work there ` +
        `(it holds ${args[0]}/.plimsoll.lock). Trying again.`,
    );
  }
  if (code === exits.noLockTool) {
    return final(
      failures.rejectedByPlatform,
      `${name} has no flock, so two deploys could meet there. Install util-linux on it.`,
    );
  }
  if (code === exits.noDocker) return dockerFailed(name, stderr);
  if (/a password is required|not allowed to execute|not in the sudoers/i.test(stderr)) {
    return sudoRefused(name, args[1] ?? '');
  }
  if (/\bPermission denied\b/.test(stderr) && !/publickey/.test(stderr)) {
    return final(
      failures.rejectedByPlatform,
      `${name}: the user has no right to write below ${args[0]}. ` +
        `On the host: sudo chown -R <user> ${args[0]}\n${logTail(stderr, 5).join('\n')}`,
    );
  }
  const words = logTail(stderr, 5).join('\n');
  return transient(
    `${name}: "${step}" failed with exit code ${code}: ${words || 'it said nothing'}`,
  );
}

export const sudoRefused = (name: string, unit: string) =>
  final(
    failures.rejectedByPlatform,
    `${name}: sudo asks for a password, so ${unit} cannot be restarted. ` +
      'On the host run visudo and add\n' +
      `  <user> ALL=(root) NOPASSWD: /usr/bin/systemctl restart ${unit}, ` +
      `/usr/bin/systemctl reset-failed ${unit}\n` +
      'or set sudo: false in plimsoll.yaml where the user may restart it without.',
  );

function dockerFailed(name: string, stderr: string): Error {
  const words = logTail(stderr, 3).join('\n');
  if (/permission denied/i.test(stderr))
    return final(
      failures.rejectedByPlatform,
      `${name}: this user may not use docker. On the host: sudo usermod -aG docker <user>, ` +
        `or set sudo: true in plimsoll.yaml.\n${words}`,
    );
  if (/not found/.test(stderr))
    return final(failures.rejectedByPlatform, `${name} has no docker. Install it there.`);
  return transient(`${name}: docker does not answer: ${words || 'it said nothing'}`);
}
