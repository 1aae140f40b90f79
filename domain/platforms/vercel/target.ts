import type { ProbeAccess } from '../../lib/probe-access.ts';

/** One project at Vercel. The production domain of the project serves one deployment. */
export type VercelTarget = ProbeAccess & {
  platform: 'vercel';
  /** Name of the project, or its id prj_… */
  project: string;
  /** Id (team_…) or slug of the team; null = the account that owns the token. */
  team: string | null;
  /** `token` and `bypass` are `env:NAME`: the worker reads the environment variable NAME. */
  token: string;
  bypass: string | null;
  api: string;
  repository: string;
  /** The branch from which Vercel builds production. */
  branch: string;
  /** A production domain of the project. */
  url: string;
  /** `health` and `version` are paths on `url` and on every deployment's own address. */
  health: string;
  version: string | null;
  requiredVariables: string[];
  variablesFile?: string;
};
