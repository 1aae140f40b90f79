import type { Activities } from '../activities.ts';

const words: Record<keyof Activities, string> = {
  planDeploy: 'resolve commit, what is live, the way back, who must approve',
  sealPlan: 'digest of what will be done',
  checkTests: 'gate: tests',
  checkSecrets: 'gate: secrets',
  checkPlatform: 'gate: platform',
  ruleOnDecision: 'verify a signed decision',
  verifyApprovals: 'verify the approvals again before the first effect',
  stageRelease: 'stage the release',
  switchRelease: 'switch to the release',
  restartService: 'restart the service',
  verifyHost: 'verify health',
  restoreHost: 'restore the release before',
  inspectHosts: 'look at what is served',
  pruneReleases: 'remove old releases',
  runSmoke: 'smoke: auth, payments, core',
  takeLooks: 'watch: looks of one segment',
  measureBaseline: 'error rate before the deploy',
  append: 'ledger: record',
  readLedger: 'ledger: read',
  say: 'Slack: note',
  askApprovers: 'Slack: ask the approvers',
  closeIssues: 'GitHub: close related issues',
  revertMain: 'git: revert the branch',
  diagnose: 'diagnosis from the logs',
};

/** ≤ 200 bytes, public text only: what, and on which host where there is one. */
export function activitySummary(activity: string, input: unknown): string {
  const what = words[activity as keyof Activities] ?? activity;
  const host = (input as { host?: { name?: string } } | undefined)?.host?.name;
  const kind = (input as { kind?: string } | undefined)?.kind;
  const detail = host ?? (activity === 'append' ? kind : undefined);
  return (detail ? `${what} (${detail})` : what).slice(0, 190);
}
