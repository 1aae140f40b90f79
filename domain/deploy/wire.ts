/**
 * Names on the wire between clients, workers and the Web UI. A changed name breaks running deploys.
 */
export const messages = {
  /**
   * `decide`, `retry`, `rollback` and `abort` are signals to a deploy. Only `decide` is signed. The
   * others have no argument.
   */
  decide: 'decide',
  retry: 'retry',
  rollback: 'rollback',
  abort: 'abort',
  /**
   * Signal with a newer SignedRequest for the same project and environment. The new request takes
   * the lock or is refused. The query `status` shows the result.
   */
  supersede: 'supersede',
  /**
   * Signal with a person's report about the live release: {text, who}. The report needs no
   * signature, because the deploy asks people before it rolls back.
   */
  flag: 'flag',
  /** Query for the DeployStatus. */
  status: 'status',
  /** Workflow type: SignedRequest → DeployReport. */
  deploy: 'deploy',
  /** Workflow type: SignedRequest → SealedPlan. */
  plan: 'plan',
  /**
   * Workflow type: Place → PollReport. Checks whether the branch moved. A schedule starts this
   * workflow.
   */
  poll: 'poll',
  /**
   * Workflow type: {places, channel} → DriftReport. Checks the environments in `places` for drift.
   * A schedule starts this workflow.
   */
  drift: 'drift',
  /** Workflow type: ReadLedger → Entry[]. */
  history: 'history',
  /**
   * Workflow type: {notify, channel} → BudgetReport, the spending. With `notify`, people get a
   * notification about each passed limit. A schedule starts this workflow.
   */
  budget: 'budget',
  /** Workflow type: no input → LedgerChain. */
  verifyLedger: 'verifyLedger',
  /** Workflow type: LiftInput → Ruling. */
  lift: 'lift',
  /** Workflow type: WaiveInput → Ruling. */
  waive: 'waive',
  /** Workflow type: StopInput → Ruling. */
  stopLine: 'stopLine',
  /** Workflow type: {project?} → ReconcileReport. */
  reconcile: 'reconcile',
  /** Workflow type: {deployId} → DeployReport. */
  recover: 'recover',
  /**
   * Workflow type: SignedRequest → DeployReport. Rolls back a release after its deploy has closed.
   * The request is signed in the namespace `namespaces.rollback`.
   */
  lateRollback: 'lateRollback',
  /** Workflow type: ReleasesInput → ReleasesReport. Changes nothing. */
  releases: 'releases',
  /** Workflow type: Place → RolledBackAgain. Holds the lock of the place. */
  rollBackAgain: 'rollBackAgain',
  /** Workflow type: {incident, by, note} → Entry. */
  closeIncident: 'closeIncident',
  /**
   * Workflow type: SignedRequest → Adoption. The request is signed in the namespace
   * `namespaces.adopt`.
   */
  adopt: 'adopt',
  /** Workflow type of the registry. Its memo names the task queue and the projects. */
  registry: 'registry',
  /** Workflow id of the only registry. */
  registryId: 'plimsoll/registry',
} as const;

/**
 * Workflow id of the deploys to an environment. The id is the lock: an environment has only one
 * open deploy at a time.
 */
export const deployId = (project: string, environment: string) =>
  `deploy/${project}/${environment}`;

/** Id of a poll schedule. The ids of the workflows that the schedule starts begin with this id. */
export const pollId = ({ project, environment }: { project: string; environment: string }) =>
  `poll/${project}/${environment}`;

/**
 * Id of the only drift schedule. The ids of the workflows that the schedule starts begin with this
 * id.
 */
export const driftId = 'drift';

/**
 * Id of the only budget schedule. The ids of the workflows that the schedule starts begin with this
 * id.
 */
export const budgetId = 'budget';

/** Memo key of a deploy's SealedPlan. */
export const planMemoKey = 'plan';
/**
 * Memo key of the DeployReport of a deploy that handed over its lock. The run of such a deploy has
 * no result.
 */
export const reportMemoKey = 'report';
/** Memo key of the nonce of the request that took the lock. */
export const requestMemoKey = 'request';

/** The memo of the registry workflow. The worker that started last wrote this memo. */
export type RegistryMemo = {
  taskQueue: string;
  /** The environments of each project. */
  projects: Record<string, string[]>;
  /** The branch of each project. Absent = the worker is older than this field. */
  branches?: Record<string, string>;
  sandbox: boolean;
};

/** The search attributes of a deploy. All attributes are of type Keyword. */
export const searchAttributes = {
  project: 'PlimsollProject',
  environment: 'PlimsollEnvironment',
  platform: 'PlimsollPlatform',
  phase: 'PlimsollPhase',
  commit: 'PlimsollCommit',
  requester: 'PlimsollRequester',
  outcome: 'PlimsollOutcome',
} as const;

export const namespaces = {
  approval: 'plimsoll-approval@v1',
  /** Namespace of the Slack bridge's signatures. It is accepted for clicks only. */
  slack: 'plimsoll-slack@v1',
  request: 'plimsoll-request@v1',
  /** Namespace of the command `plan`. Such a request never starts a deploy. */
  plan: 'plimsoll-plan@v1',
  adopt: 'plimsoll-adopt@v1',
  /** Namespace of requests to roll back after the deploy has closed. */
  rollback: 'plimsoll-rollback@v1',
  /** Namespace of orders at the door, such as a rollback. */
  order: 'plimsoll-order@v1',
  /** Namespace of logins at the door. */
  login: 'plimsoll-login@v1',
} as const;

/** The default reason, for a request without a reason. */
export const routine = 'routine deploy';

/** The command that a person types. */
export const plimsoll = 'plimsoll';
