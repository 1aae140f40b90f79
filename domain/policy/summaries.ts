import type { Activities } from '../activities.ts';

const words: Record<keyof Activities, string> = {
  planDeploy: 'resolve commit, what is live, the way back, who must approve',
  planAdoption: 'find out which commit is live',
  lookAtBranch: 'has the branch moved?',
  signPush: 'ask for a deploy of what was pushed',
  weighRequest: 'verify a newer request for this slot',
  sealPlan: 'digest of what will be done',
  checkTests: 'gate: tests',
  checkSecrets: 'gate: secrets',
  checkPlatform: 'gate: platform',
  checkPrevious: 'gate: the environment before',
  ruleOnDecision: 'verify a signed decision',
  verifyApprovals: 'verify the approvals again before the first effect',
  stageRelease: 'stage the release',
  switchRelease: 'switch to the release',
  restartService: 'restart the service',
  verifyHost: 'verify health',
  verifyStaysUp: 'verify that it stays up',
  restoreHost: 'restore the release before',
  inspectHosts: 'look at what is served',
  pruneReleases: 'remove old releases',
  publishCommit: 'bring the commit onto the branch',
  readBuilds: 'Northflank: which builds there are',
  adoptBuild: "Northflank: take CI's build, or start one",
  awaitBuild: 'Northflank: wait for the build',
  checkUnmoved: 'Northflank: nobody else deployed meanwhile',
  deployBuild: 'Northflank: deploy the build and pin it',
  verifyDeployment: 'Northflank: rollout, containers, start-up log, health outside',
  restoreDeployment: 'Northflank: pin the build before, and prove it',
  checkProduction: 'Vercel: is live what was planned for?',
  pickDeployment: 'Vercel: find the build, or start one',
  awaitDeployment: 'Vercel: wait for the build',
  smokeDeployment: 'smoke at the address of the build',
  promoteDeployment: 'Vercel: promote',
  turnAutoAssignOff: 'Vercel: domains are not assigned by themselves',
  proveProduction: 'prove what production serves',
  rollBackProduction: 'Vercel: roll back to the release before',
  runSmoke: 'smoke: auth, payments, core',
  takeLooks: 'watch: looks of one segment',
  probeDependencies: 'is it us? the declared dependencies',
  probeTwin: 'is it us? the release before, at its own address',
  measureBaseline: 'error rate before the deploy',
  append: 'ledger: record',
  readLedger: 'ledger: read',
  verifyLedger: 'ledger: verify that nothing was changed',
  say: 'Slack: note',
  askApprovers: 'Slack: ask the approvers',
  closeIssues: 'GitHub: close related issues',
  page: 'page: call a person',
  giveSignOfLife: "Slack: push back the dead man's message",
  standDown: "Slack: take back the dead man's message",
  recordDeployment: 'GitHub: deployment status',
  findLost: 'look for deploys that ended without an end',
  revertMain: 'git: revert the branch',
  reopenIssues: 'GitHub: reopen the issues that were closed too early',
  liftQuarantine: 'verify a signed lift of a quarantine',
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
