import { failures } from '../../../domain/deploy/failures.ts';
import { final, transient } from '../../lib/fail.ts';
import type { Remote, RemoteResult } from './ssh/remote.ts';
import type { RemoteCommand } from './commands.ts';
import { readPairs } from './facts.ts';
import { exits } from './scripts.ts';
import { logTail } from '../../lib/log-tail.ts';

export type Explain = (result: RemoteResult) => Error | undefined;

/**
 * Runs one command and returns its stdout. `explain` makes the error for exit codes that only this
 * step has. For a problem with sudo, flock, docker or permissions, throws a final failure of type
 * 'rejectedByPlatform'. If another deploy holds the lock, throws a transient failure. In all other
 * cases, throws a transient failure with the last lines of stderr.
 */
export async function execute(remote: Remote, command: RemoteCommand, explain?: Explain) {
  const { script, args, step, timeoutMs, access, changes } = command;
  const options = { step, timeoutMs, changes: changes === true, ...(access ? { access } : {}) };
  const result = await remote.run(script, args, options);
  if (result.code === 0) return result.stdout;
  throw explain?.(result) ?? common(remote.name, command, result);
}

function common(
  name: string,
  { step, args }: RemoteCommand,
  { code, stdout, stderr }: RemoteResult,
): Error {
  if (code === exits.locked) {
    return otherStepRuns(name, ...(readPairs(stdout).get('lockfile') ?? []));
  }
  if (code === exits.overtaken) return overtaken(name, readPairs(stdout).get('fence') ?? []);
  if (code === exits.noLockTool) {
    return final(
      failures.rejectedByPlatform,
      `${name} has no flock, so two deploys could run there at once. Install util-linux on it.`,
    );
  }
  if (code === exits.noDocker) return dockerFailed(name, stderr);
  if (/a password is required|not allowed to execute|not in the sudoers/i.test(stderr)) {
    return sudoRefused(name, args[1] ?? '');
  }
  if (/\bPermission denied\b/.test(stderr) && !/publickey/.test(stderr)) {
    return final(
      failures.rejectedByPlatform,
      `${name}: the ssh user may not write below ${args[0]}. ` +
        `Run on the host: sudo chown -R <user> ${args[0]}\n${logTail(stderr, 5).join('\n')}`,
    );
  }
  const words = logTail(stderr, 5).join('\n');
  return transient(
    `${name}: "${step}" failed with exit code ${code}: ${words || 'there was no error text'}`,
  );
}

/** The failure if another step holds the lock of the host. `lockfile`: its path, if it is known. */
export const otherStepRuns = (name: string, ...lockfile: string[]) =>
  transient(
    `${name}: another deploy is running on this host and holds ` +
      `${['the lock', ...lockfile].filter(Boolean).join(' ')}. Plimsoll tries again.`,
  );

const overtaken = (name: string, [file = '']: string[]) =>
  final(
    failures.refused,
    `${name}: this step came too late. A newer deploy, or the rollback of this deploy, has begun on ` +
      `this host, so the step changed nothing.\nIf no other deploy runs, run on the host: ` +
      `rm ${file}\nThen deploy again.`,
  );

const sudoRefused = (name: string, unit: string) =>
  final(
    failures.rejectedByPlatform,
    `${name}: sudo asks for a password, so ${unit} cannot be restarted. ` +
      'Run visudo on the host and add this line:\n' +
      `  <user> ALL=(root) NOPASSWD: /usr/bin/systemctl restart ${unit}, ` +
      `/usr/bin/systemctl reset-failed ${unit}\n` +
      'If the ssh user may restart the unit without sudo, set sudo: false in plimsoll.yaml.',
  );

function dockerFailed(name: string, stderr: string): Error {
  const words = logTail(stderr, 3).join('\n');
  if (/permission denied/i.test(stderr))
    return final(
      failures.rejectedByPlatform,
      `${name}: the ssh user may not use docker. Set sudo: true in plimsoll.yaml, ` +
        `or run on the host: sudo usermod -aG docker <user>\n${words}`,
    );
  if (/not found/.test(stderr))
    return final(
      failures.rejectedByPlatform,
      `${name} has no docker. Install docker on this host.`,
    );
  return transient(`${name}: docker does not answer: ${words || 'there was no error text'}`);
}
