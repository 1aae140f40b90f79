import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet, FleetProject } from '../../sandbox/fleet/fleet.ts';
import { writeTree } from '../../sandbox/samples/samples.ts';
import type { FileTree } from '../../sandbox/samples/samples.ts';
import type { VpsHostHandle } from '../../sandbox/platforms/vps/start-vps-host.ts';

export const evil: FileTree = { 'release.json': '{ "name": "evil" }\n' };

/** Adds a commit by mallory, who is no approver. CI never checked this commit. */
export const commitEvil = ({ sandbox }: Fleet, { repository }: FleetProject, branch = 'main') =>
  sandbox.git.repositories.commit(repository, {
    ...{ files: evil, message: 'not looked at', branch },
    author: { name: 'Mallory', email: 'mallory@example.com' },
  });

export const setRef = (
  { sandbox }: Fleet,
  { repository }: FleetProject,
  ref: string,
  sha: string,
) => sandbox.git.repositories.git(repository, ['update-ref', ref, sha]);

const releaseOn = ({ directory }: VpsHostHandle, sha: string) => join(directory, 'releases', sha);

export const hostOf = ({ hosts: [host] }: FleetProject): VpsHostHandle => {
  if (!host) throw new Error('the project has no host');
  return host;
};

/** Puts other files into a release on the host, as a person with a shell on the host can do. */
export const edit = (fleetProject: FleetProject, sha: string, files = evil) =>
  writeTree(releaseOn(hostOf(fleetProject), sha), files);

/** Puts a whole forged release on the host, and marks it as prepared. */
export function plant(fleetProject: FleetProject, sha: string, files: FileTree) {
  edit(fleetProject, sha, files);
  writeFileSync(`${releaseOn(hostOf(fleetProject), sha)}.ready`, '');
}

/** Points the link `current` on the host to `to`, without Plimsoll. */
export function point(fleetProject: FleetProject, to: string) {
  const current = join(hostOf(fleetProject).directory, 'current');
  rmSync(current, { force: true });
  symlinkSync(to, current);
}

/** Every file in the `current` directory of the host, except `.git`. */
export function liveFiles(fleetProject: FleetProject): FileTree {
  const current = join(hostOf(fleetProject).directory, 'current');
  const names = readdirSync(current, { recursive: true }).map(String);
  const files = names.filter((name) => name !== '.git').toSorted();
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(current, name), 'utf8')]));
}

/** The name that the running service reports at /version. */
export async function servedName(fleetProject: FleetProject): Promise<string> {
  const reply = await fetch(`${hostOf(fleetProject).url}/version`);
  return ((await reply.json()) as { name: string }).name;
}
