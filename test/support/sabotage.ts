import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet, Ship } from '../../sandbox/fleet.ts';
import { writeTree } from '../../sandbox/samples.ts';
import type { FileTree } from '../../sandbox/samples.ts';
import type { VpsHostHandle } from '../../sandbox/vps/start-vps-host.ts';

export const evil: FileTree = { 'release.json': '{ "name": "evil" }\n' };

/** A commit of somebody who is no approver, and no CI ever saw it. */
export const commitEvil = ({ sandbox }: Fleet, { repository }: Ship, branch = 'main') =>
  sandbox.git.repositories.commit(repository, {
    ...{ files: evil, message: 'not looked at', branch },
    author: { name: 'Mallory', email: 'mallory@example.com' },
  });

export const setRef = ({ sandbox }: Fleet, { repository }: Ship, ref: string, sha: string) =>
  sandbox.git.repositories.git(repository, ['update-ref', ref, sha]);

const releaseOn = ({ directory }: VpsHostHandle, sha: string) => join(directory, 'releases', sha);

export const hostOf = ({ hosts: [host] }: Ship): VpsHostHandle => {
  if (!host) throw new Error('it has no host');
  return host;
};

/** Somebody with a shell on the host: other files in a tree. */
export const edit = (ship: Ship, sha: string, files = evil) =>
  writeTree(releaseOn(hostOf(ship), sha), files);

/** A whole tree of that name, that says it was prepared. */
export function plant(ship: Ship, sha: string, files: FileTree) {
  edit(ship, sha, files);
  writeFileSync(`${releaseOn(hostOf(ship), sha)}.ready`, '');
}

/** `current` by a foreign hand. */
export function point(ship: Ship, to: string) {
  const current = join(hostOf(ship).directory, 'current');
  rmSync(current, { force: true });
  symlinkSync(to, current);
}

/** Every file that lies where the service was started, but git's own. */
export function liveFiles(ship: Ship): FileTree {
  const current = join(hostOf(ship).directory, 'current');
  const names = readdirSync(current, { recursive: true }).map(String);
  const files = names.filter((name) => name !== '.git').toSorted();
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(current, name), 'utf8')]));
}

/** What the process itself says it is. */
export async function servedName(ship: Ship): Promise<string> {
  const reply = await fetch(`${hostOf(ship).url}/version`);
  return ((await reply.json()) as { name: string }).name;
}
