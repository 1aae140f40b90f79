/** Address, account and token for Cloudflare's API. */
export type Access = {
  /** Address of the API: https://api.cloudflare.com/client/v4, or the address of a sandbox. */
  api: string;
  account: string;
  /** The token. No error, no log and no argument of a command may contain the token. */
  token: string;
  /** Name of the environment variable with the token, for error texts. */
  variable: string;
};

export type Worker = { access: Access; name: string };
export type Share = { versionId: string; percentage: number };

/**
 * Tag and message of a version or deployment, at most 100 characters each. Plimsoll recognizes its
 * own version if both the tag and the message are equal.
 */
export type Key = { tag: string; message: string };

/**
 * The source of a deploy: the worker's directory in a commit, and the value of wrangler's --env.
 */
export type Source = {
  repository: string;
  sha: string;
  /** Path of the worker's directory, relative to the root of the repository. '' = the root. */
  directory: string;
  environment: string | null;
};
