/**
 * The network of a job. 'filtered': the job can only use HTTP and HTTPS, through a gateway of the
 * worker. The gateway connects to addresses of the public internet and to `hosts`. 'whole': the job
 * has the network of this machine. Code of a commit must never get 'whole'.
 */
export type Network = { kind: 'whole' } | { kind: 'filtered'; hosts: readonly string[] };

/** One command that handles files of a commit. All paths are absolute paths on this machine. */
export type Job = {
  argv: readonly string[];
  cwd: string;
  /**
   * All environment variables of the job, except PATH, HOME, TMPDIR and the addresses of proxies.
   */
  env: Readonly<Record<string, string>>;
  /** Directories at the beginning of PATH. */
  path?: readonly string[];
  /** Files and directories that the command may read and change. */
  writable: readonly string[];
  /** Further files and directories that the command may read. */
  readable?: readonly string[];
  network: Network;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
};

/** The directories and the programs of one job, outside of the tree of the commit. */
export type Scratch = {
  /** A new directory for the files and directories below. It is deleted after the job. */
  root: string;
  home: string;
  tmp: string;
  /** Contains links to node, npm and npx. The first directory of PATH. */
  bin: string;
  /** The socket of the gateway, or null if the job has the network of this machine. */
  socket: string | null;
};

/** The port at which programs in a sandbox reach the gateway. */
export const gatewayPort = 3128;
