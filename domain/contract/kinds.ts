import { checkKinds } from '../gates/table.ts';
import type { CheckName } from '../gates/table.ts';
import { platformNames, platforms } from '../platforms/index.ts';
import type { PlatformActivities } from '../platforms/index.ts';
import type { Activities } from './activities.ts';
import type { Kinds } from './effect.ts';

const common: Kinds<Omit<Activities, keyof PlatformActivities | CheckName>> = {
  planDeploy: 'effect',
  planAdoption: 'read',
  planRollback: 'effect',
  allowRollback: 'read',
  readReleases: 'read',
  readBranch: 'read',
  signPush: 'read',
  weighRequest: 'read',
  sealPlan: 'read',
  tallyBudget: 'effect',
  dueAlerts: 'read',
  ruleOnDecision: 'effect',
  verifyApprovals: 'effect',
  declareRollback: 'effect',
  inspectHosts: 'read',
  publishCommit: 'effect',
  runSmoke: 'read',
  proveServed: 'read',
  takeSamples: 'read',
  probeDependencies: 'read',
  probePreviousRelease: 'read',
  measureBaseline: 'read',
  append: 'effect',
  readLedger: 'read',
  verifyLedger: 'read',
  notify: 'effect',
  askApprovers: 'effect',
  showAnswers: 'effect',
  closeIssues: 'effect',
  page: 'effect',
  setDeadMansSwitch: 'effect',
  clearDeadMansSwitch: 'effect',
  recordDeployment: 'effect',
  readServed: 'read',
  sealReturned: 'read',
  readLastDriftReport: 'read',
  findLost: 'read',
  sealEnd: 'effect',
  closeAfterRollback: 'effect',
  freeLocks: 'effect',
  revertMain: 'effect',
  reopenIssues: 'effect',
  stopLine: 'effect',
  resumeLine: 'effect',
  waiveFinding: 'effect',
  liftQuarantine: 'effect',
  diagnose: 'read',
};

/**
 * For each activity: 'effect' if the activity changes something outside the worker; 'read' in all
 * other cases. The compiler checks each word against the types of the contract.
 */
export const kinds: Kinds<Activities> = Object.assign(
  { ...checkKinds, ...common },
  ...platformNames.map((name) => platforms[name].kinds),
);
