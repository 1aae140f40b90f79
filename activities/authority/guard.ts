import type { Activities, EffectName } from '../../domain/contract/activities.ts';
import { kinds } from '../../domain/contract/kinds.ts';
import { effect } from '../lib/effect.ts';
import { knownSecrets } from '../lib/known-secrets.ts';
import { findPlace } from '../plan/place.ts';
import { afterFailure } from './after-failure.ts';
import { sealsReturned } from './again.ts';
import { gate, gateOfSubject } from './gates.ts';
import type { Guard, GuardDeps, Input, Work } from './guard-types.ts';
import { allowsRollback, plansRollback } from './late.ts';
import { makesPlan, sealsAdoption, sealsPlan, vouched } from './plans.ts';
import { record } from './records.ts';
import { sealsEnd } from './seal-end.ts';
import { step } from './steps.ts';
import { isSigned, refused, validWarrant } from './warrant.ts';

/**
 * The guard of an activity that needs no other check. Such an activity verifies a signed request or
 * a signed decision itself, or its input names only projects, environments and ledger entries.
 */
const verifiesItself: Guard = (_deps, { input, work }) => work(input);

/** The guard of a message. Its channel must be one of the configured channels. */
const message: Guard = async (deps, { input, work }) => {
  const { slack } = deps.config();
  const channel = input['channel'];
  const known = [slack?.deployments, slack?.incidents];
  if (channel !== undefined && slack && !known.includes(channel as string))
    throw refused('plimsoll.yaml does not name this channel');
  return await work(input);
};

/**
 * The guard of the activity that signs a push. It allows only the newest commit of a place with
 * `deployOn: push`.
 */
const signsPush: Guard = async (deps, { input, work }) => {
  const { project, environment } = input;
  const { environment: configured } = findPlace(deps.config(), {
    project: String(project),
    environment: String(environment),
  });
  if (configured.deployOn !== 'push')
    throw refused('plimsoll.yaml does not deploy this place on a push');
  return await work(input);
};

const rollbackBegins: Guard = async ({ seals }, { input, work }) => {
  const warrant = validWarrant(seals, input['warrant']);
  isSigned(warrant);
  return await work({ deploy: warrant.deploy });
};

/** The guard of every activity. An activity without a guard does not compile. */
const guards = {
  planDeploy: makesPlan,
  planAdoption: sealsAdoption,
  planRollback: plansRollback,
  allowRollback: allowsRollback,
  readReleases: verifiesItself,
  readBranch: verifiesItself,
  signPush: signsPush,
  weighRequest: verifiesItself,
  sealPlan: sealsPlan,
  tallyBudget: verifiesItself,
  dueAlerts: verifiesItself,
  ruleOnDecision: vouched,
  verifyApprovals: vouched,
  declareRollback: rollbackBegins,
  inspectHosts: step('read'),
  publishCommit: step('forward'),
  runSmoke: step('read'),
  proveServed: step('read'),
  takeSamples: step('read'),
  probeDependencies: step('read'),
  probePreviousRelease: step('read'),
  measureBaseline: step('read'),
  append: record,
  readLedger: verifiesItself,
  verifyLedger: verifiesItself,
  notify: message,
  askApprovers: vouched,
  showAnswers: vouched,
  closeIssues: vouched,
  page: verifiesItself,
  setDeadMansSwitch: message,
  clearDeadMansSwitch: message,
  recordDeployment: vouched,
  readServed: verifiesItself,
  sealReturned: sealsReturned,
  readLastDriftReport: verifiesItself,
  findLost: verifiesItself,
  sealEnd: sealsEnd,
  closeAfterRollback: verifiesItself,
  freeLocks: verifiesItself,
  revertMain: afterFailure,
  reopenIssues: afterFailure,
  stopLine: verifiesItself,
  resumeLine: verifiesItself,
  waiveFinding: verifiesItself,
  liftQuarantine: verifiesItself,
  diagnose: vouched,
  checkTests: gateOfSubject,
  checkSecrets: gate,
  checkAudit: gate,
  checkPlatform: gate,
  checkBudget: gate,
  checkPrevious: gateOfSubject,
  checkProduction: step('read'),
  pickDeployment: step('forward'),
  awaitDeployment: step('read'),
  smokeDeployment: step('read'),
  promoteDeployment: step('forward'),
  turnAutoAssignOff: step('forward'),
  proveProduction: step('read'),
  rollBackProduction: step('backward'),
  checkServed: step('read'),
  deployWorker: step('forward'),
  uploadVersion: step('forward'),
  smokeVersion: step('read'),
  shareTraffic: step('forward'),
  holdShare: step('read'),
  setTriggers: step('forward'),
  proveWorker: step('read'),
  rollBackWorker: step('backward'),
  readBuilds: step('read'),
  adoptBuild: step('forward'),
  awaitBuild: step('read'),
  checkUnmoved: step('read'),
  deployBuild: step('forward'),
  verifyDeployment: step('read'),
  rollBackDeployment: step('backward'),
  stageRelease: step('forward'),
  switchRelease: step('forward'),
  restartService: step('forward'),
  verifyHost: step('read'),
  verifyStaysUp: step('read'),
  rollBackHost: step('backward'),
  pruneReleases: step('read'),
} as const satisfies Record<keyof Activities, Guard>;

/**
 * Runs the guard of each activity before the activity. The activity then trusts no fact in its
 * input that could choose a target, an address or a secret, unless a worker has sealed this fact.
 */
export function guardActivities(
  activities: Activities,
  given: Omit<GuardDeps, 'inspectHosts' | 'page' | 'notify'>,
): Activities {
  const { inspectHosts, page, notify } = activities;
  const deps: GuardDeps = { ...given, inspectHosts, page, notify };
  const entries = Object.entries(activities).map(([name, activity]) => {
    const guard: Guard = guards[name as keyof Activities];
    const act = activity as unknown as Work;
    // Secrets are removed before the guard seals the result, because a later change would make the
    // seal invalid.
    const work: Work = async (sent) => knownSecrets.cleanAll(await act(sent));
    const guarded = (input: Input = {}) => guard(deps, { name, input, work });
    const isEffect = kinds[name as keyof Activities] === 'effect';
    return [name, isEffect ? effect(name as EffectName, guarded as never) : guarded];
  });
  return Object.fromEntries(entries) as Activities;
}
