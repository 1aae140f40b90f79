import type { Activities } from '../contract/activities.ts';
import { checkSummaries } from '../gates/table.ts';
import { clean } from './parts/clean.ts';
import { platformNames, platforms } from '../platforms/index.ts';
import type { PlatformActivities } from '../platforms/index.ts';

const common: Record<Exclude<keyof Activities, keyof PlatformActivities>, string> = {
  planDeploy: 'resolve commit, live release, rollback target, approval rule',
  planAdoption: 'find out which commit is live',
  planRollback: 'find the live release and the rollback target',
  allowRollback: 'verify the signed decision to roll back',
  readReleases: 'read the releases that can be rolled back to',
  readBranch: 'has the branch moved?',
  signPush: 'request a deploy of the pushed commit',
  weighRequest: 'verify a newer request for this place',
  sealPlan: 'make the digest of the plan',
  ...checkSummaries,
  tallyBudget: 'add up the spent and the reserved costs',
  dueAlerts: 'alerts that were not sent yet',
  ruleOnDecision: 'verify a signed decision',
  verifyApprovals: 'verify the approvals again before the first effect',
  declareRollback: 'record that the rollback begins',
  sealEnd: 'seal the end of the deploy',
  closeAfterRollback: 'ledger: record the end of the deploy',
  inspectHosts: 'read what is served',
  publishCommit: 'push the commit to the branch',
  runSmoke: 'smoke: auth, payments, core',
  proveServed: 'prove what customers get after the rollback',
  takeSamples: 'watch: samples of one segment',
  probeDependencies: 'outage: check the declared dependencies',
  probePreviousRelease: 'outage: check the previous release at its own address',
  measureBaseline: 'error rate before the deploy',
  append: 'ledger: record',
  readLedger: 'ledger: read',
  verifyLedger: 'ledger: verify that nothing was changed',
  notify: 'Slack: note',
  askApprovers: 'Slack: ask the approvers',
  showAnswers: 'Slack: show who decided',
  closeIssues: 'GitHub: close related issues',
  page: 'page a person',
  setDeadMansSwitch: "Slack: postpone the dead man's switch",
  clearDeadMansSwitch: "Slack: remove the dead man's switch",
  recordDeployment: 'GitHub: deployment status',
  sealReturned: 'is the release that was rolled back served again?',
  readServed: 'compare the live release with the deployed release',
  readLastDriftReport: 'result of the previous drift check',
  findLost: 'find deploys that stopped without an outcome',
  freeLocks: 'end workflows that hold a lock but are not deploys',
  revertMain: 'git: revert the branch',
  reopenIssues: 'GitHub: reopen the issues that were closed too early',
  stopLine: 'verify a signed stop of the line',
  resumeLine: 'verify the signed lift of a stop',
  waiveFinding: 'verify a signed waiver of a finding',
  liftQuarantine: 'verify a signed lift of a quarantine',
  diagnose: 'diagnosis from the logs',
};

const words: Record<string, string> = Object.assign(
  { ...common },
  ...platformNames.map((name) => platforms[name].summaries),
);

/** Returns the words for an activity, with its host if there is one, in at most 190 characters. */
export function activitySummary(activity: string, input: unknown): string {
  const what = words[activity] ?? activity;
  const host = (input as { host?: { name?: string } } | undefined)?.host?.name;
  const kind = (input as { kind?: string } | undefined)?.kind;
  const detail = host ?? (activity === 'append' ? kind : undefined);
  return (detail ? `${what} (${clean(detail)})` : what).slice(0, 190);
}

/** The summary of a timer that has no other summary. */
export const timerSummary = 'waiting for people, at most until this timer fires';
