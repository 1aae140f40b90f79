import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { VpsHostHandle } from './platforms/vps/start-vps-host.ts';

const run = promisify(execFile);

/**
 * Deploys the first release to a VPS host without Plimsoll, as a team did before it used Plimsoll.
 * The release is in releases/<sha>. When this function returns, the release is running.
 */
export async function seedRelease(host: VpsHostHandle, bareRepository: string, sha: string) {
  const { directory, bin, unit } = host;
  const release = join(directory, 'releases', sha);
  mkdirSync(join(directory, 'releases'), { recursive: true });
  const mirror = join(directory, 'repo.git');
  await run('git', ['clone', '--quiet', '--bare', '--no-hardlinks', bareRepository, mirror]);
  await run('git', ['-C', mirror, 'worktree', 'add', '--quiet', '--detach', release, sha]);
  writeFileSync(`${release}.ready`, '');
  rmSync(join(directory, 'current'), { force: true });
  symlinkSync(`releases/${sha}`, join(directory, 'current'));
  await run(join(bin, 'systemctl'), ['restart', unit]);
  await answers(`${host.url}/version`, sha);
}

async function answers(url: string, text: string) {
  for (let tries = 0; tries < 400; tries += 1) {
    const body = await fetch(url).then(
      (response) => response.text(),
      () => '',
    );
    if (body.includes(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The first release of the sandbox did not answer at ${url} with "${text}".`);
}
