import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const relay = (end: 'pl' | 'mjs') => fileURLToPath(new URL(`./relay.${end}`, import.meta.url));
const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

const sudo = `#!/bin/sh
while :; do case $1 in -n|--|--preserve-env=*) shift;; *) break;; esac; done
exec "$@"
`;

export type HostPaths = {
  root: string;
  socket: string;
  /** Programs that this host must not have, such as curl. */
  without: string[];
  docker: boolean;
  /**
   * `inside` is the port that programs on the host use. `real` is the port on this machine. Several
   * hosts can have the same port `inside`, such as 18789.
   */
  port: { inside: number; real: number };
};

/**
 * Writes the programs of the host. Returns the PATH of the host and the ForceCommand of its sshd.
 */
export function writeBin({ root, socket, without, docker, port }: HostPaths) {
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  const perl = find('perl');
  const carrier = perl ? [perl, relay('pl')] : [process.execPath, relay('mjs')];
  const call = (kind: string) => `exec ${[...carrier, socket].map(quote).join(' ')} ${kind}`;
  for (const tool of ['systemctl', 'journalctl', ...(docker ? ['docker'] : [])]) {
    program(bin, tool, `#!/bin/sh\n${call(tool)} "$@"\n`);
  }
  program(bin, 'sudo', sudo);
  if (!existsSync(join(bin, 'node'))) symlinkSync(process.execPath, join(bin, 'node'));
  const rest = without.length === 0 ? directories().join(delimiter) : copyOf(root, without);
  const curl = find('curl');
  if (port.inside !== port.real && curl !== undefined && !without.includes('curl')) {
    const map = `127.0.0.1:${port.inside}:127.0.0.1:${port.real}`;
    program(
      bin,
      'curl',
      `#!/bin/sh\n[ "$1" = -q ] && shift\nexec ${quote(curl)} -q --connect-to ${map} "$@"\n`,
    );
  }
  return { path: `${bin}${delimiter}${rest}`, forceCommand: call('command') };
}

function program(bin: string, name: string, text: string) {
  writeFileSync(join(bin, name), text);
  chmodSync(join(bin, name), 0o755);
}

/**
 * The program directories of a normal system. A host always has the programs in these directories,
 * even if they are missing in the PATH of this process.
 */
const system = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const directories = () =>
  [...new Set([...(process.env.PATH ?? '').split(delimiter), ...system])].filter(existsSync);
const find = (name: string) =>
  directories()
    .map((directory) => join(directory, name))
    .find(existsSync);

/**
 * Makes a directory with links to every program of this machine except the programs in `without`.
 * Returns the path of the directory.
 */
function copyOf(root: string, without: string[]): string {
  const farm = join(root, 'usr-bin');
  mkdirSync(farm, { recursive: true });
  for (const directory of directories()) {
    for (const name of readdirSync(directory)) {
      const link = join(farm, name);
      if (!without.includes(name) && !existsSync(link))
        safely(() => symlinkSync(join(directory, name), link));
    }
  }
  return farm;
}

function safely(act: () => void) {
  try {
    act();
  } catch {
    // A link with this name already exists, for example a broken link. As in PATH, the first
    // program with a name counts.
  }
}
