import { gatewayPort } from './job.ts';
import type { Job, Scratch } from './job.ts';

/** The parts of this machine that a job in a sandbox can see. */
export type View = {
  /** The path of bubblewrap's program. */
  program: string;
  /** False if this bubblewrap is older than 0.8, because it does not know --disable-userns. */
  disablesUserNamespaces: boolean;
  /** The directories of the system below /, each with its link target or null. */
  system: readonly { path: string; link: string | null }[];
  /** The command that runs as the first process. See inside.mjs. */
  inside: readonly string[];
  /** Files and directories of the programs, which every job may read. */
  programs: readonly string[];
};

/**
 * Files in /etc that programs need for names, certificates and libraries. None of them contains a
 * secret. /etc/ssl/private is not in the list.
 */
const settings = [
  'alternatives',
  'ca-certificates',
  'fonts',
  'hosts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'pki/ca-trust',
  'pki/tls/certs',
  'protocols',
  'resolv.conf',
  'services',
  'ssl/cert.pem',
  'ssl/certs',
  'ssl/openssl.cnf',
];

/**
 * Returns the command that runs the job in its own user, process, network, IPC and host name
 * namespaces. The job sees the system as read-only, `readable`, `writable`, its own home directory
 * and its own /tmp. It sees nothing else of this machine. Environment variables are not arguments
 * of the command, because every user of the machine can read a command line.
 */
export function bubblewrap(view: View, job: Job, scratch: Scratch): string[] {
  const filtered = job.network.kind === 'filtered';
  const read = [...view.programs, scratch.bin, ...(job.readable ?? [])];
  return [
    view.program,
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
    ...['--unshare-cgroup-try', ...(filtered ? ['--unshare-net'] : [])],
    ...['--uid', '1000', '--gid', '1000', '--hostname', 'build', '--cap-drop', 'ALL'],
    ...(view.disablesUserNamespaces ? ['--disable-userns'] : []),
    ...['--die-with-parent', '--new-session', '--as-pid-1'],
    ...['--proc', '/proc', '--dev', '/dev', '--bind', scratch.tmp, '/tmp'],
    ...['--dir', '/var', '--symlink', '/tmp', '/var/tmp', '--dir', '/run'],
    ...view.system.flatMap(({ path, link }) =>
      link === null ? ['--ro-bind', path, path] : ['--symlink', link, path],
    ),
    ...settings.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ...['passwd', 'group'].flatMap((name) => [
      '--ro-bind',
      `${scratch.root}/${name}`,
      `/etc/${name}`,
    ]),
    ...read.flatMap((path) => ['--ro-bind', path, path]),
    ...[scratch.home, ...job.writable].flatMap((path) => ['--bind', path, path]),
    ...(scratch.socket === null ? [] : ['--ro-bind', scratch.socket, scratch.socket]),
    ...['--remount-ro', '/', '--chdir', job.cwd],
    // systemd-run needs these variables to reach the manager of the user. The job must not get
    // them.
    ...['--unsetenv', 'XDG_RUNTIME_DIR', '--unsetenv', 'DBUS_SESSION_BUS_ADDRESS'],
    '--',
    // Without a gateway, the command itself is the first process.
    ...(scratch.socket === null ? [] : [...view.inside, scratch.socket, String(gatewayPort)]),
    ...job.argv,
  ];
}
