import { composeFiles } from './compose-files.ts';

/**
 * The patterns of values that may be sent to a host. The schema of plimsoll.yaml and the commands
 * on a host use the same patterns. So a value that the schema accepts is not refused later. Every
 * value is sent as one quoted argument.
 */
export const hostValues = {
  sha: /^[0-9a-f]{40}$/,
  tree: /^[0-9a-f]{40}(-[0-9a-f]{8})?$/,
  epoch: /^\d{1,18}$/,
  file: composeFiles,
  variable: /^[A-Z][A-Z0-9_]*$/,
  unit: /^[A-Za-z0-9][A-Za-z0-9@._:\\-]*$/,
  path: /^\/(?!(?:.*\/)?\.\.(?:\/|$))[A-Za-z0-9/._@-]*$/,
  url: /^https?:\/\/[^\s\p{Cc}"'`$\\(){}<>|^]+$/u,
} as const;
