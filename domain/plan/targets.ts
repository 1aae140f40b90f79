export type VpsHost = {
  /** Shown to people and used as key: user@host:port. */
  name: string;
  user: string;
  host: string;
  port: number;
  hostKey: string;
  url: string;
  /** Only where this host differs from the target. */
  directory?: string;
  health?: string;
};

/** `file` below the release, `project` as docker compose -p, `tag` the variable in the image's name. */
export type Compose = { file: string; project: string; tag: string };

/** Frozen in the digest: what was approved is what is done, whatever the configuration says later. */
export type VpsTarget = {
  platform: 'vps';
  hosts: VpsHost[];
  identity: string | null;
  directory: string;
  /** The systemd unit, the container, or the service of the compose file: what `run` restarts. */
  service: string;
  /** Absent = systemd. */
  run?: 'docker' | 'compose';
  compose?: Compose;
  /** Absent = releases/<sha> and the link `current`. */
  checkout?: 'in-place';
  /** Megabytes that must be free below the directory; absent = 500. */
  minimumFreeMb?: number;
  sudo: boolean;
  repository: string;
  prepare: string | null;
  prepareMs: number;
  health: string;
  version: string | null;
  heartbeat: string | null;
  environmentFile: string | null;
  requiredVariables: string[];
  variablesFile?: string;
};

/** One service at Northflank that runs the builds of a commit. */
export type NorthflankTarget = {
  platform: 'northflank';
  /** Ids, as they stand in the address of the service's page. */
  project: string;
  service: string;
  team?: string;
  api: string;
  /** `env:NAME`: resolved inside the worker. */
  token: string;
  repository: string;
  url: string;
  /** Inside the container: traffic and the readiness probe go there. */
  port: number;
  /** Paths of `url`. */
  health: string;
  version: string | null;
  requiredVariables: string[];
  variablesFile?: string;
};

/** One project at Vercel: what its production domain serves is one of its deployments. */
export type VercelTarget = {
  platform: 'vercel';
  /** Its name, or prj_… */
  project: string;
  /** team_… or its slug; null = the token's own account. */
  team: string | null;
  /** `env:NAME` both: resolved inside the worker. */
  token: string;
  bypass: string | null;
  api: string;
  repository: string;
  /** What Vercel builds production from. */
  branch: string;
  /** A production domain of the project. */
  url: string;
  /** Paths of `url`, and of every deployment's own address. */
  health: string;
  version: string | null;
  requiredVariables: string[];
  variablesFile?: string;
};

/** One Worker at Cloudflare: what it serves is one of its versions, or two for a while. */
export type CloudflareTarget = {
  platform: 'cloudflare';
  account: string;
  worker: string;
  /** Of the repository, with wrangler's configuration; '' = its root. */
  directory: string;
  /** wrangler's --env. */
  env: string | null;
  rollout: 'all-at-once' | 'gradual';
  /** `env:NAME`: resolved inside the worker. */
  token: string;
  api: string;
  repository: string;
  url: string;
  /** With {version} for the first 8 digits of a version's id; null = the workers.dev of the account. */
  preview: string | null;
  /** Paths of `url`, and of every version's own address. */
  health: string;
  version: string | null;
  /** npm's settings on the worker's machine, for `npm ci`. */
  npmrc?: string;
  requiredVariables: string[];
  variablesFile?: string;
};

export type Target = VpsTarget | NorthflankTarget | VercelTarget | CloudflareTarget;

export type Platform = Target['platform'];

export type TargetOf<P extends Platform> = Extract<Target, { platform: P }>;

/** Where people and probes reach a release: a name, and the origin that is asked. */
export type Site = { name: string; url: string };

/** What one place serves: on a host the release its `current` points at, and what the running process was started from. */
export type HostState = {
  host: string;
  /** Full SHA of the release that `current` names; null before the first. */
  sha: string | null;
  /** SHA of the directory the main process runs in; null where it cannot be read or nothing runs. */
  runningSha: string | null;
  invocationId: string | null;
  active: boolean;
  healthy: boolean;
  /** Full SHAs of all releases that are staged and complete on this host; absent = not read. */
  ready?: string[];
  /** Name of the live release's tree, where it is not the SHA: the same commit prepared again. */
  tree?: string;
  /** Where what is live lies, if not in a release of ours; `sha` is its commit where git knows it. */
  foreign?: { path: string; sha: string | null };
  /** The platform's own id of what is live, where it has one; and of every commit it could go back to. */
  id?: string;
  ids?: Record<string, string>;
  /** Megabytes free below the directory (null = could not be read), and whether there is flock. */
  freeMb?: number | null;
  canLock?: boolean;
};

export type Release = {
  /** `<sha 12>-<settings fingerprint 8>`; the platform's own id for a VPS is the SHA. */
  id: string;
  sha: string;
  /** The platform's own id, where it is not the SHA: what a restore names. */
  platformId?: string;
};
