/**
 * The permissions at GitHub that Plimsoll needs, in the words of GitHub's own pages, each with the
 * part of Plimsoll that needs it. Messages and `plimsoll doctor` use these words.
 */
export const permissions = {
  metadata: 'metadata (read)',
  contents: 'contents (write)',
  checks: 'checks (read)',
  statuses: 'commit statuses (read)',
  administration: 'administration (read)',
  actions: 'actions (read)',
  issues: 'issues (write)',
  pulls: 'pull requests (write)',
  deployments: 'deployments (write)',
  codeScanning: 'code scanning alerts (read)',
  dependabot: 'Dependabot alerts (read)',
  secretScanning: 'secret scanning alerts (read)',
} as const;

export type Permission = keyof typeof permissions;

/** The permissions as one text, such as "checks (read), issues (write)". */
export const named = (...needed: Permission[]) => needed.map((one) => permissions[one]).join(', ');
