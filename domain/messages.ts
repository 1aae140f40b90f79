/** Names on the wire between clients, workers and the Web UI: changing one breaks running deploys. */
export const messages = {
  /** Signals to a deploy; `retry`, `rollback` and `abort` take no argument, `decide` alone is signed. */
  decide: 'decide',
  retry: 'retry',
  rollback: 'rollback',
  abort: 'abort',
  /** A newer SignedRequest for the same place: it takes the slot, or is refused; `status` tells which. */
  supersede: 'supersede',
  /** A person's report on what is live, {text, who}: unsigned, it only makes the deploy ask. */
  flag: 'flag',
  /** Query: DeployStatus. */
  status: 'status',
  /** Workflow types: SignedRequest → DeployReport, SignedRequest → SealedPlan, ReadLedger → Entry[]. */
  deploy: 'deploy',
  plan: 'plan',
  /** Place → PollReport: whether the branch moved, by a schedule. */
  poll: 'poll',
  /** {places, channel} → SentinelReport: whether something is served that was not shipped, by a schedule. */
  sentinel: 'sentinel',
  history: 'history',
  /** {tell, channel} → BudgetReport: what was spent; `tell` = people hear of what passed a line, by a schedule. */
  budget: 'budget',
  /** → LedgerChain. */
  verifyLedger: 'verifyLedger',
  /** LiftInput → Ruling. */
  lift: 'lift',
  /** WaiveInput → Ruling. */
  waive: 'waive',
  /** StopInput → Ruling. */
  stopLine: 'stopLine',
  /** {project?} → ReconcileReport; {incident, by, note} → Entry. */
  reconcile: 'reconcile',
  recover: 'recover',
  closeIncident: 'closeIncident',
  /** SignedRequest, signed as `namespaces.adopt` → Adoption. */
  adopt: 'adopt',
  registry: 'registry',
  /** The one registry's workflow id. */
  registryId: 'plimsoll/registry',
} as const;

/** One deploy at a time: the id is the lock. */
export const deployId = (project: string, environment: string) =>
  `deploy/${project}/${environment}`;

/** The schedule, and the workflows that it begins. */
export const pollId = ({ project, environment }: { project: string; environment: string }) =>
  `poll/${project}/${environment}`;

/** The one schedule, and the workflows that it begins. */
export const sentinelId = 'sentinel';

/** The one schedule, and the workflows that it begins. */
export const budgetId = 'budget';

/** Under this key of a deploy's memo lies its SealedPlan. */
export const planMemoKey = 'plan';
/** Under this key the DeployReport of a deploy whose slot was handed over: its run ended without a result. */
export const reportMemoKey = 'report';
/** Under this key the nonce of the request that took the slot over. */
export const requestMemoKey = 'request';

/** The memo of the registry workflow, written by the worker that started last. */
export type RegistryMemo = {
  taskQueue: string;
  projects: Record<string, string[]>;
  sandbox: boolean;
};

/** All of type Keyword. */
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
  /** What the bridge signs: never accepted for anything but a click. */
  slack: 'plimsoll-slack@v1',
  request: 'plimsoll-request@v1',
  adopt: 'plimsoll-adopt@v1',
} as const;

/** What a request says that was given no reason. */
export const routine = 'routine deploy';

/** What a person types; `--no` keeps npx from fetching a stranger's package of that name. */
export const plimsoll = 'npx --no plimsoll';
