import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';
import type { VpsHost } from '../../../../../domain/platforms/vps/target.ts';
import { freePort } from '../../../../../worker/engine/free-port.ts';

export type Kind = 'ed25519' | 'rsa' | 'ecdsa';
export type SshdLab = ReturnType<typeof startLab>;

/**
 * Keys, real sshd servers as this user, and a real `ssh` client whose configuration is a file of
 * the test. `config` replaces the content of that file.
 */
export function startLab() {
  const root = mkdtempSync(join(tmpdir(), 'sshd-lab-'));
  const path = (name: string) => join(root, name);
  const servers: ChildProcess[] = [];
  const keygen = (...args: string[]) => execFileSync('ssh-keygen', ['-q', ...args]);
  for (const kind of ['ed25519', 'rsa', 'ecdsa'] as const)
    keygen('-t', kind, '-N', '', '-f', path(`host_${kind}`));
  keygen('-t', 'ed25519', '-N', '', '-f', path('me'));
  keygen('-t', 'ed25519', '-N', 'secret words', '-f', path('locked'));
  keygen('-t', 'ed25519', '-N', '', '-f', path('ca'));
  copyFileSync(path('me.pub'), path('authorized_keys'));
  mkdirSync(path('bin'));
  const program = (name: string, script: string) => {
    writeFileSync(path(`bin/${name}`), `#!/bin/sh\n${script}\n`);
    chmodSync(path(`bin/${name}`), 0o755);
  };
  program('ssh', `exec /usr/bin/ssh -F '${path('config')}' "$@"`);
  writeFileSync(path('config'), '');
  vi.stubEnv('PATH', `${path('bin')}${delimiter}${process.env['PATH']}`);
  vi.stubEnv('SSH_AUTH_SOCK', '');
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const fingerprint = (name: string) =>
    execFileSync('ssh-keygen', ['-lf', path(`${name}.pub`)], { encoding: 'utf8' }).split(' ')[1]!;
  return {
    root,
    path,
    fingerprint,
    keygen,
    read: (name: string) => readFileSync(path(name), 'utf8'),
    /** Writes a program that is found before the programs of the system. */
    program,
    /** Gives a key to an agent. Throws until the agent listens. */
    add: (key: string, socket: string) =>
      execFileSync('ssh-add', ['-q', key], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: 'ignore',
      }),
    user: userInfo().username,
    config: (text: string) => writeFileSync(path('config'), text),
    host: (port: number, change: Partial<VpsHost> = {}): VpsHost => ({
      name: 'shop',
      user: userInfo().username,
      host: '127.0.0.1',
      port,
      hostKey: fingerprint('host_ed25519'),
      url: 'http://127.0.0.1:1',
      ...change,
    }),
    /** Starts an sshd with these host keys and further lines of sshd_config. Returns its port. */
    async sshd(kinds: Kind[], lines: string[] = [], address = '127.0.0.1'): Promise<number> {
      const port = await freePort();
      const file = path(`sshd_${port}`);
      const settings = [
        `Port ${port}`,
        `ListenAddress ${address}`,
        ...kinds.map((kind) => `HostKey ${path(`host_${kind}`)}`),
        `AuthorizedKeysFile ${path('authorized_keys')}`,
        'PidFile none',
        'UsePAM no',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'StrictModes no',
        'PermitRootLogin yes',
        ...lines,
      ];
      writeFileSync(file, `${settings.join('\n')}\n`);
      servers.push(spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file], { stdio: 'ignore' }));
      await listening(port, address);
      return port;
    },
    stop() {
      for (const server of servers) server.kill();
      vi.unstubAllEnvs();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function listening(port: number, host: string) {
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(20)) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host }, () => resolve(true));
      socket.once('error', () => resolve(false)).once('data', () => socket.destroy());
    });
    if (open) return;
  }
  throw new Error(`no sshd on port ${port}`);
}
