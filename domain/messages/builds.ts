/** The texts for each reason why an isolation does not work on the worker's machine. */
export const besides = {
  notLinux: 'bubblewrap works only on Linux',
  noBubblewrap: 'bubblewrap is not installed',
  brokenBubblewrap: (said: string) =>
    `bubblewrap does not work (${said.split('\n').at(-1) || 'it printed nothing'})` +
    (/namespace|uid map|RTM_NEWADDR|not permitted|denied/i.test(said)
      ? ', because this system forbids user namespaces'
      : ''),
  noEngine: 'neither podman nor docker is installed',
  noImage: (program: string) => `${program} is installed, but "builds.image" names no image`,
  noBuilder: (directory: string, said: string) =>
    `builds.isolation is builder, but no builder serves ${directory} (${said}). Start one there, as the ` +
    `user of the worker and without tokens: plimsoll worker --builds ${directory}`,
  brokenEngine: (program: string, said: string) =>
    `${program} does not answer (${said.split('\n').at(-1) || 'it printed nothing'})`,
};

/** `why` has one reason for each isolation that does not work here. */
export const noIsolation = (why: readonly string[]) =>
  `Code of a commit cannot be isolated on the worker's machine: ${why.join('; ')}. ` +
  'Without isolation, a commit could read every token of the worker. ' +
  'Install bubblewrap where the worker runs (apt-get install bubblewrap) and allow user namespaces, ' +
  'or set builds.image to build in a container, or start a builder and set builds.isolation: builder. ' +
  'See "Builds" in docs/security.md. ' +
  'If every author of a commit may read every token, set builds.isolation: none.';

/** How builds are isolated, for `isolationWords`. */
export type Words =
  | { kind: 'bubblewrap'; version: string; memory: 'system' | 'user' | 'process'; memoryMb: number }
  | { kind: 'container'; program: string; memory: 'container' | 'process'; memoryMb: number }
  | { kind: 'builder'; directory: string; at: Words }
  | { kind: 'none' };

/** Says how builds are isolated, for `plimsoll doctor`. */
export function isolationWords(words: Words): string {
  if (words.kind === 'none') return notIsolated;
  if (words.kind === 'builder')
    return `the builder at ${words.directory} answers: ${isolationWords(words.at)}`;
  const limit = `${words.memoryMb} MB of memory`;
  if (words.kind === 'container') {
    const program = words.program;
    const each =
      words.memory === 'process' ? ` for each process, because ${program} has no cgroup` : '';
    return `builds run in containers of ${program}, with ${limit}${each}`;
  }
  const each = words.memory === 'process' ? ' for each process, because systemd is not there' : '';
  return `builds run in bubblewrap ${words.version}, with ${limit}${each}`;
}

export const noBuilds = 'no environment needs a build on the machine of the worker';

/** A warning in every plan while plimsoll.yaml says `isolation: none`. */
export const notIsolated =
  'builds are not isolated (builds.isolation: none): code of a commit that is built on the worker ' +
  'can read every token, key and file of the worker';

/**
 * Returns the text that the worker adds to the output of a failed build. Each of `hosts` is
 * "host:port".
 */
export const refusedHosts = (hosts: readonly string[]) =>
  hosts.length === 0
    ? ''
    : `\nPlimsoll did not let the build reach ${hosts.join(', ')}, because only addresses of ` +
      'the public internet are allowed. To allow a host, add it to builds.hosts in plimsoll.yaml.\n';

/** The builder ended while the worker waited for its answer. */
export const builderEnded = (directory: string) =>
  `The builder at ${directory} ended before it answered. The build is tried again. ` +
  `Start the builder again: plimsoll worker --builds ${directory}`;

/** The builder and the worker come from different versions of Plimsoll. */
export const otherVersion =
  'The builder does not understand the order of the worker, because they are different versions of Plimsoll. ' +
  'Install the same version for both, and start the builder again.';

/** The builder runs in another file system than the worker. */
export const builderLacks = (path: string, directory: string) =>
  `The builder does not see ${path}, which the build needs. The builder must see ${directory}, the file ` +
  '"npmrc" and the packages of Plimsoll at the same paths as the worker. Mount them there, and start the builder again.';

/** `path`: a path that a build would change. */
export const notShared = (path: string, directory: string) =>
  `The builder refused a build that would change ${path}, because the path is not in ${directory}. ` +
  'Write the same directory under builds.directory in plimsoll.yaml and after plimsoll worker --builds.';

/** `names`: variables in the environment of a builder that look like secrets. */
export const secretsOfBuilder = (names: readonly string[], directory: string) =>
  `A builder runs code of commits, so its environment must have no secret, but it has ${names.join(', ')}.\n` +
  `Start it without: env ${names.map((name) => `-u ${name}`).join(' ')} plimsoll worker --builds ${directory}`;

/** Another builder serves the directory. */
export const builderIsThere = (directory: string) =>
  `Another builder serves ${directory}. One directory has one builder.\n` +
  'Use the running one, or stop it first.';

/** The configuration must name the directory that worker and builder share. */
export const needsDirectory =
  'isolation: builder needs the directory that the worker shares with the builder.\n' +
  'Set builds.directory, such as /var/lib/plimsoll-builds, and start the builder: ' +
  'plimsoll worker --builds /var/lib/plimsoll-builds';

/** `directory` without `isolation: builder` has no effect. */
export const needsBuilder =
  'directory is used only with isolation: builder.\nSet builds.isolation: builder, or remove directory.';

/** Why the worker does not take the output of a builder. */
export const copyProblems = {
  left: 'The output of the build was moved out of the directory that the builder shares. Somebody has taken over the builder. Start it again in a new container, and deploy again.',
  tooMuch: (files: number, bytes: number) =>
    `The build made more than ${files} files or ${bytes / 1024 ** 3} GB, which the worker does not take from a builder. ` +
    'Make build.command write less into the directory of the assets.',
};
