import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../../../../activities/platforms/vps/ssh/on-host.ts';
import type { VpsHost, VpsTarget } from '../../../../../domain/platforms/vps/target.ts';
import { Board } from '../../../../../sandbox/board.ts';
import { startVpsHost } from '../../../../../sandbox/platforms/vps/start-vps-host.ts';
import { planFor } from '../../../plan/plan-fixture.ts';

/** Starts a host that runs `program` as its service. Tests reach this host over real ssh. */
export async function hostWith(program: string) {
  const root = mkdtempSync(join(tmpdir(), 'plimsoll-watch-'));
  const board = new Board();
  const handle = await startVpsHost({
    directory: root,
    name: 'web-1',
    board,
    service: { unit: 'shop', execStart: [process.execPath, '-e', program], workingDirectory: root },
  });
  mkdirSync(join(handle.directory, 'releases'), { recursive: true });
  const host: VpsHost = {
    name: 'web-1',
    user: handle.user,
    host: '127.0.0.1',
    port: handle.sshPort,
    hostKey: handle.hostKeyFingerprint,
    url: handle.url,
  };
  const target: VpsTarget = {
    ...planFor({}).target,
    hosts: [host],
    identity: handle.clientKeyPath,
    directory: handle.directory,
  };
  const run = async (script: string, ...args: string[]) => {
    const session = await openHost(target, host, undefined);
    try {
      return await session.run({ step: 'test', script, args, timeoutMs: 10_000 });
    } finally {
      session.close();
    }
  };
  const close = async () => {
    await handle.stop();
    rmSync(root, { recursive: true, force: true });
  };
  return { handle, board, host, target, run, close };
}
