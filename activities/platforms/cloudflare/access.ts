/** Where and as whom Cloudflare is asked. */
export type Access = {
  /** https://api.cloudflare.com/client/v4, or where a sandbox listens. */
  api: string;
  account: string;
  /** The value; no error, log or argument of a command ever holds it. */
  token: string;
  /** The name of the environment variable that it came from: for people. */
  variable: string;
};

export type Worker = { access: Access; name: string };
export type Share = { versionId: string; percentage: number };

/** By these an effect of ours is found again: at most 100 characters each. */
export type Key = { tag: string; message: string };

/** What is deployed: the worker's directory in a commit, and wrangler's --env. */
export type Source = {
  repository: string;
  sha: string;
  /** Relative to the repository's root; '' is the root. */
  directory: string;
  environment: string | null;
};
