import type { Activities, EffectName, LateRollback } from '../../domain/contract/activities.ts';
import { kinds } from '../../domain/contract/kinds.ts';
import { checksOf, judgedOf } from '../../domain/gates/table.ts';
import type {
  GateReport,
  HostState,
  Outcome,
  Plan,
  Sample,
  SealedPlan,
  SmokeReport,
  Target,
  Warrant,
} from '../../domain/deploy/plan.ts';
import { deployId as workflowIdOf } from '../../domain/deploy/wire.ts';
import type { Evidence } from '../../domain/contract/ledger.ts';
import type { Place } from '../../domain/deploy/place.ts';
import { platformNames, platforms } from '../../domain/platforms/index.ts';
import type { Config } from '../../domain/config/config.ts';
import { judgeLost } from '../../domain/rollback/lost.ts';
import { available } from '../approval/ruling.ts';
import { hasEnded } from '../records/reconcile.ts';
import { effect } from '../lib/effect.ts';
import { knownSecrets } from '../lib/known-secrets.ts';
import { own } from '../lib/own.ts';
import type { Seals } from '../lib/seals.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { findPlace } from '../plan/place.ts';
import { sealDigest } from '../lib/seal-digest.ts';
import { isFree, isPlanOf, mayRecordAdoption, namesOwnRelease } from './entries.ts';
import { mayBegin, mayGoForward, notEnded, nothingNewer, type ForwardDeps } from './forward.ts';
import { askedBy, sealAllowed, sealLate } from './late.ts';
import { sealSamples, sealSmoke, whyNotProven } from './evidence.ts';
import { endBody } from './seal-end.ts';
import { ownFacts, type OwnFacts } from './own-facts.ts';
import {
  hashOf,
  refused,
  sealWarrant,
  unsealed,
  validWarrant,
  vouchedBy,
  warrantFor,
} from './warrant.ts';

export type GuardDeps = ForwardDeps & {
  config: () => Config;
  seals: Seals;
  /** Reads what every host of a target serves now. */
  inspectHosts: (input: { target: Target }) => Promise<HostState[]>;
};

type Input = Record<string, unknown>;
type Work = (input: Input) => Promise<unknown>;
/** Runs `work` with an input that may be believed, or throws a final failure of type 'refused'. */
type Guard = (
  deps: GuardDeps,
  call: { name: string; input: Input; work: Work },
) => Promise<unknown>;

/**
 * The activity verifies a signed request or a signed decision itself, or its input names only
 * projects, environments and ledger entries.
 */
const verifiesItself: Guard = (_deps, { input, work }) => work(input);

/** A step of a deploy on a platform. Its facts come from the warrant and from the configuration. */
const step =
  (direction: 'forward' | 'backward' | 'read'): Guard =>
  async (deps, { name, input, work }) => {
    const warrant = validWarrant(deps.seals, input['warrant']);
    if (warrant.purpose === 'adopt') await mayAdopt(deps, name, warrant);
    else if (isLate(warrant)) await mayRollBack(deps, warrant, direction);
    else if (direction === 'forward') await mayGoForward(deps, warrant);
    else if (direction === 'backward') await nothingNewer(deps, warrant);
    else await notEnded(deps, warrant);
    if (name === 'pruneReleases' && currentRun() !== warrant.runId)
      throw refused('another workflow run removes the old releases');
    const facts = ownFacts(deps.config(), warrant.deploy);
    isMade(deps.seals, warrant, { name, input });
    rightPlatform(name, facts);
    const result = await work(believed(input, { warrant, facts, direction, name }));
    return withSeal(deps.seals, warrant, { name, input, result });
  };

const isLate = ({ purpose }: Warrant) => purpose === 'rollback' || purpose === 'ask';

/** A late rollback reads and rolls back. Before an approver has signed it, it only reads. */
async function mayRollBack(
  deps: GuardDeps,
  warrant: Warrant,
  direction: 'forward' | 'backward' | 'read',
) {
  if (direction === 'forward') throw refused('a rollback deploys nothing');
  if (direction === 'read') return await notEnded(deps, warrant);
  if (warrant.purpose === 'ask') throw refused('no approver has signed this rollback');
  await nothingNewer(deps, warrant);
}

/** An adoption may only stage the live release, soon after a worker has planned the adoption. */
const adoptionMs = 3 * 60 * 60_000;

async function mayAdopt({ now = Date.now }: GuardDeps, name: string, warrant: Warrant) {
  if (name !== 'stageRelease') throw refused('an adoption may only stage the live release');
  if (currentRun() !== warrant.runId) throw refused('another workflow run planned the adoption');
  if (now() - Date.parse(warrant.sealedAt) > adoptionMs) throw refused('the adoption is too old');
}

const platformOf = (name: string) =>
  platformNames.find((platform) => Object.hasOwn(platforms[platform].kinds, name));

function rightPlatform(name: string, { target }: OwnFacts) {
  const platform = platformOf(name);
  if (platform && platform !== target.platform)
    throw refused(`this step is for ${platform}, but the place is on ${target.platform}`);
}

/** The steps that make a build or a version, and the name of its id in result and input. */
const makers: Record<string, string> = {
  pickDeployment: 'id',
  uploadVersion: 'id',
  adoptBuild: 'buildId',
};
/**
 * The steps that make a build or a version live, or that send requests to its own address. Each has
 * the step that made it.
 */
const users: Record<string, string> = {
  awaitDeployment: 'pickDeployment',
  smokeDeployment: 'pickDeployment',
  proveProduction: 'pickDeployment',
  smokeVersion: 'uploadVersion',
  holdShare: 'uploadVersion',
  promoteDeployment: 'pickDeployment',
  shareTraffic: 'uploadVersion',
  setTriggers: 'uploadVersion',
  deployBuild: 'adoptBuild',
};

const madeBody = ({ deploy, runId }: Warrant, maker: string, id: unknown) => ({
  deployId: deploy.deployId,
  runId,
  maker,
  id,
});

type Done = { name: string; input: Input; result: unknown };

/** Adds a seal to a result that proves something to a later activity. */
function withSeal(seals: Seals, warrant: Warrant, { name, input, result }: Done): unknown {
  if (name === 'runSmoke') return sealSmoke(seals, warrant, result as SmokeReport);
  if (name === 'takeSamples') {
    const { startedAt, earlier } = input as { startedAt: number; earlier: unknown[] };
    const samples = result as Sample[];
    return sealSamples(seals, warrant, { startedAt, from: earlier.length, samples });
  }
  const field = own(makers, name);
  if (field === undefined) return result;
  const made = seals.seal('evidence', madeBody(warrant, name, (result as Input)[field]));
  return { ...(result as Input), made };
}

function isMade(seals: Seals, warrant: Warrant, { name, input }: { name: string; input: Input }) {
  const maker = own(users, name);
  if (maker === undefined) return;
  const id = input[makers[maker] ?? 'id'];
  const why = seals.whyInvalid('evidence', madeBody(warrant, maker, id), input['made']);
  if (why) throw refused(`${String(id).slice(0, 80)} is not the build of this deploy: ${why}`);
}

type Belief = {
  warrant: Warrant;
  facts: OwnFacts;
  direction: 'forward' | 'backward' | 'read';
  name: string;
};

/** The reads that are about the rollback target, not about the new release. */
const ofRollbackTarget = ['proveServed', 'probePreviousRelease'];

/** Replaces every fact that could choose a target. The other parameters of the input stay. */
function believed(input: Input, { warrant, facts, direction, name }: Belief): Input {
  const rollsBack = direction === 'backward' || ofRollbackTarget.includes(name);
  const release = rollsBack ? (warrant.rollbackTarget ?? warrant.release) : warrant.release;
  const known: Input = {
    ...facts,
    deploy: warrant.deploy,
    release,
    rollbackTarget: warrant.rollbackTarget,
    startUpMs: facts.timing.startUpMs,
    live: warrant.liveId,
  };
  const { warrant: _, made: _made, watch, ...rest } = input;
  const trusted = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      Object.hasOwn(known, key) ? known[key] : value,
    ]),
  );
  return {
    ...trusted,
    ...(watch === undefined ? {} : { watch: watchOf(facts, watch) }),
    ...(input['host'] === undefined ? {} : { host: hostOf(facts, input['host']) }),
    ...(input['tree'] === undefined ? {} : { tree: treeOf(input['tree'], release.sha) }),
    ...(input['other'] === undefined ? {} : { other: otherOf(input['other'], warrant) }),
  };
}

/** The name of a metric of a platform. Any other value is a pattern, which runs on hosts. */
const metric = new RegExp(`^(${platformNames.join('|')})\\.[a-z.]{1,40}$`);

function watchOf({ accessLog: own }: OwnFacts, given: unknown) {
  const watch = given as { accessLog?: unknown } | null;
  const asked = watch?.accessLog;
  return { ...watch, accessLog: typeof asked === 'string' && metric.test(asked) ? asked : own };
}

function hostOf({ target }: OwnFacts, given: unknown) {
  const { name } = (given ?? {}) as { name?: unknown };
  const host = 'hosts' in target ? target.hosts.find((one) => one.name === name) : undefined;
  if (!host) throw refused(`plimsoll.yaml has no host ${String(name).slice(0, 80)} at this place`);
  return host;
}

/** A directory of a release is named after its commit. */
function treeOf(given: unknown, commit: string) {
  const good = typeof given === 'string' && new RegExp(`^${commit}(-[\\w.-]{1,60})?$`).test(given);
  if (!good) throw refused('the directory belongs to another release');
  return given;
}

/** Only the version that was live before may share the traffic with the new version. */
function otherOf(given: unknown, { liveId, rollbackTarget }: Warrant) {
  if (given !== liveId && given !== rollbackTarget?.platformId)
    throw refused('another version than the earlier one would get traffic');
  return given;
}

/** The input has the sealed plan of a deploy, either as `plan` or as `sealed.plan`. */
const vouched: Guard = async ({ seals }, { input, work }) => {
  const sealed = input['sealed'] as SealedPlan | undefined;
  if (sealed !== undefined && input['plan'] !== undefined) throw refused('the input has two plans');
  const plan = sealed === undefined ? (input['plan'] as Plan | undefined) : sealed?.plan;
  const warrant = vouchedBy(seals, plan);
  if (sealed && sealed.digest !== warrant.digest)
    throw refused('the digest is not the digest of the sealed plan');
  if (sealed && sealDigest(sealed.plan, sealed.gates) !== warrant.digest)
    throw refused('the reports of its gates were changed after a worker sealed them');
  const back = input['rolledBackTo'];
  if (back !== undefined && back !== null && hashOf(back) !== hashOf(warrant.rollbackTarget))
    throw refused('the rollback target is not the one of the sealed plan');
  return await work(input);
};

/** A gate's check of a plan that a worker made in this run. Its report gets a seal. */
const gate: Guard = async ({ seals }, { name, input, work }) => {
  const plan = madeHere(seals, input['plan'] as Plan | undefined);
  const report = (await work({ ...input, plan })) as GateReport;
  const body = { check: name, input: hashOf(input), report };
  return { ...report, seal: seals.seal('gate', body) };
};

/**
 * A gate's check that is also called before a plan exists. Without a sealed plan, the addresses come
 * from the configuration, and the report gets no seal.
 */
const gateOfSubject: Guard = async (deps, call) => {
  const plan = call.input['plan'] as Plan | undefined;
  if (plan?.seal !== undefined) return await gate(deps, call);
  const { project: name, sha } = plan ?? ({} as Partial<Plan>);
  const project = own(deps.config().projects, String(name));
  if (!project) throw refused('plimsoll.yaml has no such project');
  const { github = null, repository } = project;
  const subject = { project: name, sha, github, target: { repository } };
  return await call.work({ ...call.input, plan: subject });
};

/** Returns the plan if a worker made it in this workflow run, else throws. */
function madeHere(seals: Seals, plan: Plan | undefined): Plan {
  const why = plan
    ? seals.whyInvalid('plan', { plan: unsealed(plan), runId: currentRun() }, plan.seal)
    : 'the input has no plan';
  if (why) throw refused(`no worker made this plan in this workflow run: ${why}`);
  return plan as Plan;
}

const makesPlan: Guard = async ({ seals }, { input, work }) => {
  const made = unsealed((await work({ ...input, runId: currentRun() })) as Plan);
  return { ...made, seal: seals.seal('plan', { plan: made, runId: currentRun() }) };
};

/**
 * Seals a plan whose gates were all checked by a worker for exactly this plan. The gates that the
 * plan alone decides are judged again.
 */
const sealsPlan: Guard = async ({ seals, now: clock = Date.now }, { input, work }) => {
  const plan = madeHere(seals, input['plan'] as Plan | undefined);
  const now = clock();
  const gates = (input['gates'] ?? []) as GateReport[];
  for (const one of gates.filter(({ open }) => open)) openedByWorker(seals, plan, one, now);
  allThere(plan, gates);
  const sealed = (await work({ plan, gates })) as SealedPlan;
  const runId = currentRun() ?? '';
  const warrant = warrantFor(seals, { plan, digest: sealed.digest, runId, now });
  return { ...sealed, plan: { ...plan, warrant } };
};

const ways = [{ hold: true }, { hold: false }];

function openedByWorker(seals: Seals, plan: Plan, { seal, ...report }: GateReport, now: number) {
  const judged = judgedOf(plan, { now, built: false }).find(
    ({ gate: name }) => name === report.gate,
  );
  if (judged?.open) return;
  const bodies = ways.flatMap((how) =>
    checksOf(plan, how)
      .filter((row) => row.gate === report.gate)
      .map(({ check, input }) => ({ check, input: hashOf(input), report })),
  );
  if (bodies.every((body) => seals.whyInvalid('gate', body, seal) !== null))
    throw refused(`no worker has checked the gate ${report.gate} of this plan`);
}

function allThere(plan: Plan, gates: readonly GateReport[]) {
  const needed = [
    ...checksOf(plan, { hold: true }),
    ...judgedOf(plan, { now: 0, built: false }),
  ].map(({ gate: name }) => name);
  const lacking = needed.find((name) => !gates.some((report) => report.gate === name));
  if (lacking) throw refused(`the gate ${lacking} was not checked`);
}

const plansRollback: Guard = async ({ seals, now = Date.now }, { input, work }) =>
  sealLate(seals, (await work({ ...input, runId: currentRun() })) as LateRollback, now());

/** Verifies the plan of the question, and then the signed answer. */
const allowsRollback: Guard = async (deps, call) => {
  const { seals, now = Date.now } = deps;
  askedBy(seals, call.input['sealed'] as SealedPlan | undefined);
  return sealAllowed(seals, (await vouched(deps, call)) as SealedPlan, now());
};

const sealsAdoption: Guard = async ({ seals, now = Date.now }, { input, work }) => {
  const adoption = (await work(input)) as Awaited<ReturnType<Activities['planAdoption']>>;
  const warrant = sealWarrant(seals, {
    purpose: 'adopt',
    deploy: adoption.deploy,
    runId: currentRun() ?? '',
    ...{ digest: '', planHash: '', liveId: null, rollbackTarget: null },
    release: adoption.release,
    sealedAt: new Date(now()).toISOString(),
  });
  return { ...adoption, warrant };
};

/** A message to one of the configured channels. */
const message: Guard = async (deps, { input, work }) => {
  const { slack } = deps.config();
  const channel = input['channel'];
  const known = [slack?.deployments, slack?.incidents];
  if (channel !== undefined && slack && !known.includes(channel as string))
    throw refused('plimsoll.yaml does not name this channel');
  return await work(input);
};

/** The entries about a deploy. Only a workflow with the warrant of the deploy may add them. */
const ofDeploy = ['released', 'closed', 'incident', 'quarantine', 'revert'];

const allowedEntries: Record<Warrant['purpose'], readonly string[]> = {
  deploy: ofDeploy,
  rollback: ofDeploy,
  ask: [],
  adopt: ['adopted'],
};

const record: Guard = async (deps, { input, work }) => {
  const { warrant: given, sealedEnd, evidence, ...entry } = input;
  const kind = String(entry['kind']);
  if (isFree(entry)) return await work(entry);
  // An entry that exists is never written again. A run after a reset closes its deploy once more.
  const isClosed = kind === 'closed' && entry['key'] === `${String(entry['deployId'])}/closed`;
  if (isClosed && (await available(deps.ledger.find(String(entry['key']))))) return undefined;
  if (kind === 'closed' && isUntouched(entry)) {
    await mayClose(deps, entry);
    return await work(entry);
  }
  const warrant = validWarrant(deps.seals, given);
  const allowed = allowedEntries[warrant.purpose];
  const { deployId, project, environment } = warrant.deploy;
  const same =
    entry['deployId'] === deployId &&
    entry['project'] === project &&
    entry['environment'] === environment &&
    (kind === 'adopted' || entry['key'] === `${deployId}/${kind}`);
  if (!allowed.includes(kind) || !same)
    throw refused(`the warrant does not allow the ledger entry "${kind}"`);
  namesOwnRelease(warrant, entry);
  if (kind === 'adopted') mayRecordAdoption(warrant, entry, (deps.now ?? Date.now)());
  if (kind === 'released') await mayRecordIntent(deps, warrant, entry);
  if (kind === 'closed') await trueEnd(deps, warrant, { entry, sealedEnd, evidence });
  if (afterRollback.includes(kind)) await rolledBack(deps, warrant);
  return await work(entry);
};

/** The entry before the first effect needs what the first effect needs. */
async function mayRecordIntent(deps: GuardDeps, warrant: Warrant, { body }: Input) {
  const { plan } = (body ?? {}) as { plan?: Plan };
  isPlanOf(deps.seals, warrant, plan);
  if (warrant.purpose === 'rollback') await mayBegin(deps, warrant);
  else await mayGoForward(deps, warrant);
}

/** Entries that are written only after a failed deploy. The ledger must say that it failed. */
const afterRollback = ['incident', 'quarantine', 'revert'];

type End = { entry: Input; sealedEnd: unknown; evidence: unknown };

/** An entry about the end of a deploy that changed production must be proven. */
async function trueEnd(deps: GuardDeps, warrant: Warrant, end: End) {
  const { outcome } = (end.entry['body'] ?? {}) as { outcome?: Outcome };
  if (isLate(warrant) && !failedOutcomes.includes(outcome))
    throw refused('a rollback proves no release');
  if (outcome === 'succeeded' || outcome === 'unproven') {
    if (currentRun() !== warrant.runId)
      throw refused('another workflow run says how the deploy ended');
    if (outcome === 'succeeded') await proven(deps, warrant, end.evidence as Evidence | undefined);
    return;
  }
  const why = deps.seals.whyInvalid('evidence', endBody(warrant, outcome), end.sealedEnd);
  if (why) throw refused(`nobody sealed this end of the deploy: ${why}`);
}

/** The clocks of the worker and of the Temporal server may differ by this time, in milliseconds. */
const clockMs = 60_000;

async function proven(deps: GuardDeps, warrant: Warrant, evidence: Evidence | undefined) {
  const { deployId } = warrant.deploy;
  const released = await available(deps.ledger.find(`${deployId}/released`));
  const plan = released?.body['plan'] as Plan | undefined;
  if (!plan) throw refused('the ledger has no entry about the first effect of this deploy');
  isPlanOf(deps.seals, warrant, plan);
  const now = (deps.now ?? Date.now)();
  const since = Date.parse(released?.at ?? '') - clockMs;
  if (!evidence || !(evidence.startedAt >= since))
    throw refused('its watch does not begin after the first effect of this deploy');
  const why = whyNotProven(deps.seals, { plan, warrant, evidence, now });
  if (why) throw refused(`the success is not proven, because ${why}`);
}

const failedOutcomes: unknown[] = [
  'rolled-back',
  'rolled-back-still-failing',
  'rollback-failed',
  'rollback-not-approved',
];

async function rolledBack({ ledger }: GuardDeps, { deploy }: Warrant) {
  const closed = await available(ledger.find(`${deploy.deployId}/closed`));
  if (!failedOutcomes.includes(closed?.body['outcome']))
    throw refused('the ledger does not say that this deploy failed');
}

/** Seals the end of a deploy for its own run, or for a recovery after this run has ended. */
const sealsEnd: Guard = async (deps, { input, work }) => {
  const warrant = validWarrant(deps.seals, input['warrant']);
  const { outcome } = input;
  if (!failedOutcomes.includes(outcome)) throw refused('this is no end after a rollback');
  if (warrant.purpose === 'ask') throw refused('no approver has signed this rollback');
  await inItsRun(deps, { ...warrant.deploy, runId: warrant.runId });
  if (currentRun() !== warrant.runId)
    await servesPrevious(deps, warrant.deploy, { needed: outcome === 'rolled-back' });
  return await work({ warrant, outcome });
};

/** Only the run of a deploy may end the deploy, or a recovery after this run has ended. */
async function inItsRun(
  { executionOf }: GuardDeps,
  { project, environment, runId }: Place & { runId: string },
) {
  if (currentRun() === runId) return;
  if (!executionOf || !hasEnded(await executionOf(workflowIdOf(project, environment), runId)))
    throw refused('the run of this deploy still runs, and only this run may end the deploy');
}

/** A deploy that has changed nothing is closed by its own run, or by a recovery. */
async function mayClose(deps: GuardDeps, { deployId, project, environment, key }: Input) {
  const place = { project: String(project), environment: String(environment) };
  const asked = deps.ledger.read({ ...place, kinds: ['started'], limit: 100 });
  const started = (await available(asked)).find((row) => row.deployId === deployId);
  if (!started || key !== `${String(deployId)}/closed`)
    throw refused('the ledger does not know this deploy');
  const runId = String(started.body['runId']);
  await inItsRun(deps, { ...place, runId });
  if (currentRun() !== runId) await servesPrevious(deps, { ...place, deployId: String(deployId) });
}

type About = Pick<Warrant['deploy'], 'project' | 'environment' | 'deployId'>;

/**
 * Nobody can ask the run of a lost deploy whether production has changed. So the worker looks. If
 * the deploy had begun, every host must serve the previous release.
 */
async function servesPrevious(
  deps: GuardDeps,
  { deployId, ...place }: About,
  { needed = true } = {},
): Promise<void> {
  if (!needed) return;
  const released = await available(deps.ledger.find(`${deployId}/released`));
  if (!released) return;
  const plan = released.body['plan'] as Plan;
  if (vouchedBy(deps.seals, plan).deploy.deployId !== deployId)
    throw refused('the ledger has the plan of another deploy');
  const states = await deps.inspectHosts({ target: ownFacts(deps.config(), place).target });
  if (judgeLost(plan, states) !== 'old')
    throw refused('this deploy has changed production, and its rollback is not done');
}

/** Reverts and issues after a rollback that the ledger knows. */
const afterFailure: Guard = async (deps, call) => {
  await rolledBack(deps, vouchedBy(deps.seals, call.input['plan'] as Plan | undefined));
  return await vouched(deps, call);
};

/** A deploy that ends before its plan is sealed has changed nothing. */
function isUntouched({ body }: Input): boolean {
  const { outcome } = (body ?? {}) as { outcome?: unknown };
  return ['gate-closed', 'rejected', 'expired', 'aborted'].includes(String(outcome));
}

const rollbackBegins: Guard = async ({ seals }, { input, work }) => {
  const { deploy, purpose } = validWarrant(seals, input['warrant']);
  if (purpose === 'ask') throw refused('no approver has signed this rollback');
  return await work({ deploy });
};

/** The worker signs a push only for the newest commit of a place with `deployOn: push`. */
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
  readLastDriftReport: verifiesItself,
  findLost: verifiesItself,
  sealEnd: sealsEnd,
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
 * Puts its guard in front of every activity. A guarded activity believes nothing in its input that
 * no worker has sealed and that could choose a target, an address or a secret.
 */
export function guardActivities(
  activities: Activities,
  given: Omit<GuardDeps, 'inspectHosts'>,
): Activities {
  const deps: GuardDeps = { ...given, inspectHosts: activities.inspectHosts };
  const entries = Object.entries(activities).map(([name, activity]) => {
    const guard: Guard = guards[name as keyof Activities];
    const act = activity as unknown as Work;
    // Clean before the guard seals the result: a change after that would break the seal.
    const work: Work = async (sent) => knownSecrets.cleanAll(await act(sent));
    const guarded = (input: Input = {}) => guard(deps, { name, input, work });
    const isEffect = kinds[name as keyof Activities] === 'effect';
    return [name, isEffect ? effect(name as EffectName, guarded as never) : guarded];
  });
  return Object.fromEntries(entries) as Activities;
}
