import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withSsh } from '../../../../activities/platforms/vps/ssh/ssh.ts';
import { Board } from '../../../../sandbox/board.ts';
import { samples, writeTree } from '../../../../sandbox/samples/samples.ts';
import { startVpsHost } from '../../../../sandbox/platforms/vps/start-vps-host.ts';
import { hostTruth } from '../../../../sandbox/platforms/vps/truth.ts';
import { hostOf } from '../../../activities/platforms/vps/fixture.ts';

const run = promisify(execFile);
export const [one, two, crash] = ['1', '2', 'c'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
];

export type Machine = Awaited<ReturnType<typeof startMachine>>;

/**
 * Starts a host with three releases that were made without Plimsoll. Also returns functions that do
 * what a person could do on the host.
 */
export async function startMachine() {
  const root = mkdtempSync(join(tmpdir(), 'vps-sandbox-'));
  const board = new Board();
  const service = { unit: 'shop', environmentFile: `-${join(root, 'shop.env')}` };
  const handle = await startVpsHost({ directory: root, name: 'shop-1', board, service });
  const release = (sha: string) => join(handle.directory, 'releases', sha);
  writeTree(release(one), samples.good(1));
  writeTree(release(two), samples.good(2));
  writeTree(release(crash), samples.crashesAtStart());
  const tool = (name: string, ...args: string[]) =>
    run(join(handle.bin, name), args).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => {
        return { code, stdout, stderr };
      },
    );
  return {
    root,
    board,
    handle,
    tool,
    point(sha: string) {
      rmSync(join(handle.directory, 'current'), { force: true });
      symlinkSync(`releases/${sha}`, join(handle.directory, 'current'));
    },
    async show(property: string) {
      const { stdout } = await tool('systemctl', 'show', '-p', property, 'shop');
      return stdout.trim().split('=')[1] ?? '';
    },
    onHost: (script: string, step: string) =>
      withSsh(hostOf(handle), { identity: handle.clientKeyPath }, { signal: undefined }, (remote) =>
        remote.run(script, [], { step, timeoutMs: 10_000 }),
      ),
    served: () =>
      until(
        () => hostTruth(handle),
        (truth) => truth.served !== null,
      ),
    async stop() {
      await handle.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export async function until<T>(read: () => Promise<T>, wanted: (value: T) => boolean) {
  for (let tries = 0; tries < 100; tries += 1) {
    const value = await read();
    if (wanted(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the wanted value did not appear in 100 reads');
}
