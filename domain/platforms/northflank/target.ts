import type { ProbeAccess } from '../../lib/probe-access.ts';

/** One service at Northflank that runs the builds of a commit. */
export type NorthflankTarget = ProbeAccess & {
  platform: 'northflank';
  /** `project` and `service` are the ids in the address of the service's page. */
  project: string;
  service: string;
  team?: string;
  api: string;
  /** `env:NAME`: the worker reads the token from the environment variable NAME. */
  token: string;
  repository: string;
  url: string;
  /** Port inside the container, for traffic and the readiness probe. */
  port: number;
  /** `health` and `version` are paths on `url`. */
  health: string;
  version: string | null;
  requiredVariables: string[];
  variablesFile?: string;
};
