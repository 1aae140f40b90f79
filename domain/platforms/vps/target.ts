import type { ProbeAccess } from '../../lib/probe-access.ts';

export type VpsHost = {
  /** Shown to people and used as a key: user@host:port. */
  name: string;
  user: string;
  host: string;
  port: number;
  /**
   * true: the address names port 22. Absent and port 22: the address names no port, so the worker's
   * ssh configuration may set another port.
   */
  exactPort?: true;
  hostKey: string;
  url: string;
  /** `directory` and `health` are set only if this host differs from the target. */
  directory?: string;
  health?: string;
};

/**
 * The compose service. `file` is a path in the release. `project` is the value of docker compose
 * -p. `tag` is the variable in the name of the image.
 */
type Compose = { file: string; project: string; tag: string };

/**
 * The target of a deploy. The target is part of the digest, so a later change of the configuration
 * cannot change an approved deploy.
 */
export type VpsTarget = ProbeAccess & {
  platform: 'vps';
  hosts: VpsHost[];
  identity: string | null;
  directory: string;
  /** The systemd unit, the container, or the service of the compose file that a deploy restarts. */
  service: string;
  /** How the service runs; absent = as a systemd unit. */
  run?: 'docker' | 'compose';
  compose?: Compose;
  /**
   * Absent = each release is in releases/<sha>, and the link `current` points to the live release.
   */
  checkout?: 'in-place';
  /** Megabytes that must be free on the disk of the directory; absent = 500. */
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
