import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGuarded } from './guard.ts';
import { childrenOf } from './processes.ts';

const sshdPath = '/usr/sbin/sshd';
export const sshdPresent = () => existsSync(sshdPath);

export type SshServer = { stop(): Promise<void> };
export type SshdOptions = { root: string; port: number; forceCommand: string };

/**
 * Returns the text of sshd_config. SHLVL=1 prevents bash from reading ~/.bashrc, because this file
 * can make every command slow.
 */
const config = ({ root, port, forceCommand }: SshdOptions) => `Port ${port}
ListenAddress 127.0.0.1
HostKey ${join(root, 'etc/host_key')}
AuthorizedKeysFile ${join(root, 'etc/authorized_keys')}
PidFile none
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
MaxStartups 100
MaxSessions 100
AllowAgentForwarding no
AllowTcpForwarding no
PrintMotd no
SetEnv SHLVL=1
ForceCommand ${forceCommand}
`;

/** Starts a real OpenSSH server as this user. Rejects if the server does not answer within 5 s. */
export async function startSshd(options: SshdOptions): Promise<SshServer> {
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const file = join(options.root, 'etc/sshd_config');
  writeFileSync(file, config(options));
  const server = startGuarded([sshdPath, '-D', '-e', '-f', file], {
    cwd: options.root,
    env: { PATH: process.env.PATH ?? '' },
  });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => (log = `${log}${chunk}`.slice(-4000)));
  const ended = server.ended.then(() => false);
  if (!(await Promise.race([answers(options.port), ended]))) {
    server.kill();
    throw new Error(
      `${sshdPath} ended or did not answer on port ${options.port} within 5 s. Its log:\n${log}`,
    );
  }
  return {
    async stop() {
      const sessions = childrenOf(server.pid);
      server.kill();
      await server.ended;
      for (const pid of sessions) kill(pid);
    },
  };
}

function kill(pid: number) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has already ended, so there is nothing to kill.
  }
}

async function answers(port: number): Promise<boolean> {
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(20)) {
    if (await banner(port)) return true;
  }
  return false;
}

const banner = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('data', (chunk: Buffer) => {
      resolve(chunk.toString().startsWith('SSH-2.0'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false)).once('close', () => resolve(false));
  });
