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
  brokenEngine: (program: string, said: string) =>
    `${program} does not answer (${said.split('\n').at(-1) || 'it printed nothing'})`,
};

/** `why` has one reason for each isolation that does not work here. */
export const noIsolation = (why: readonly string[]) =>
  `Code of a commit cannot be isolated on the worker's machine: ${why.join('; ')}. ` +
  'Without isolation, a commit could read every token of the worker. ' +
  'Install bubblewrap where the worker runs (apt-get install bubblewrap) and allow user namespaces, ' +
  'or set builds.image to build in a container. See "Builds" in docs/security.md. ' +
  'If every author of a commit may read every token, set builds.isolation: none.';

type Words =
  | { kind: 'bubblewrap'; version: string; memory: 'system' | 'user' | 'process'; memoryMb: number }
  | { kind: 'container'; program: string; memory: 'container' | 'process'; memoryMb: number }
  | { kind: 'none' };

/** Says how builds are isolated, for `plimsoll doctor`. */
export function isolationWords(words: Words): string {
  if (words.kind === 'none') return notIsolated;
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
