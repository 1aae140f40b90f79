import { join } from 'node:path';
import type { Activities } from '../domain/contract/activities.ts';
import type { Config } from '../domain/config/config.ts';
import { createAnchor } from './anchor/anchor.ts';
import { createAdopt } from './records/adopt.ts';
import { createBuilder } from './builds/builder.ts';
import { defaultBuilds } from '../domain/config/builds.ts';
import { createBudget } from './budget/budget.ts';
import { createApproval } from './approval/approval.ts';
import { createDeployments } from './github/deployment-statuses.ts';
import { createDependencies } from './watch/dependencies.ts';
import { createDiagnose } from './incident/diagnose.ts';
import { createGates } from './gates/gates.ts';
import { createGit } from './git/git.ts';
import { accessOf, variableOf } from './github/access.ts';
import { createGitHub } from './github/github.ts';
import { repositoryToken } from './github/installation-token.ts';
import { createIssues } from './incident/issues.ts';
import { createLateRollback } from './plan/late-rollback.ts';
import { createAllowRollback } from './approval/allow-rollback.ts';
import { createLift } from './records/lift.ts';
import { createLedgerActivities } from './approval/ledger-activities.ts';
import type { Ledger } from './ledger/types.ts';
import { createPager } from './page/page.ts';
import { createPlanner } from './plan/plan.ts';
import { connectPlatforms } from './platforms/index.ts';
import { createPublish } from './git/publish.ts';
import { createPush } from './queue/push.ts';
import { createFreeLocks } from './records/free-locks.ts';
import type { Locks } from './records/free-locks.ts';
import { createReconcile } from './records/reconcile.ts';
import type { ExecutionOf } from './records/reconcile.ts';
import { createRevert } from './incident/revert.ts';
import { createDrift } from './drift/drift.ts';
import type { LastDriftReport } from './drift/drift.ts';
import { createSlack } from './slack/slack.ts';
import { createProof } from './watch/proof.ts';
import { createSmoke } from './watch/smoke.ts';
import { createSafeFetch } from './lib/safe-fetch/safe-fetch.ts';
import { createSupersede } from './queue/supersede.ts';
import { createStop } from './records/stop.ts';
import { createPreviousReleaseProbe } from './watch/previous-release.ts';
import { createWaive } from './records/waive.ts';
import { createWatch } from './watch/watch.ts';
import { guardActivities } from './authority/guard.ts';
import { createClose } from './authority/close.ts';
import { createSealEnd } from './authority/seal-end.ts';
import type { Seals } from './lib/seals.ts';

export type ActivityDeps = {
  config: Config;
  ledger: Ledger;
  /**
   * Returns the secret that a reference such as "env:NAME" names. Throws a final failure of type
   * 'misconfigured' if there is no such secret.
   */
  secret: (ref: string) => string;
  /** Signs and verifies facts with the key that all workers share. */
  seals: Seals;
  /**
   * The path of the directory for git mirrors and temporary files. The directory may be deleted at
   * any time.
   */
  workspace: string;
  /** The addresses in plimsoll.yaml that belong to other machines. */
  remoteEndpoints: readonly string[];
  /**
   * Asks the Temporal server for the state of a workflow run. Without this function, the activity
   * `findLost` cannot find lost deploys.
   */
  executionOf?: ExecutionOf;
  lastDriftReport?: LastDriftReport;
  /**
   * The functions that read and end the holders of locks. If absent, the activity `freeLocks` frees
   * no lock.
   */
  locks?: Locks;
};

/**
 * Creates all activities of the type `Activities`. If an activity is missing, TypeScript reports an
 * error. `close` closes the connections to the platforms.
 */
export function createActivities(deps: ActivityDeps): { activities: Activities; close(): void } {
  const { config, ledger, secret } = deps;
  const asGitHub = config.github && {
    ...accessOf(config.github, secret),
    api: config.github.api,
    variable: variableOf(config.github),
  };
  const token = repositoryToken(config, secret);
  const git = createGit({ workspace: join(deps.workspace, 'git'), token });
  const github = asGitHub ? createGitHub(asGitHub) : null;
  const timeScale = config.sandbox ? config.timeScale : 1;
  const { workspace } = deps;
  const builder = createBuilder(config.builds ?? defaultBuilds);
  const platforms = connectPlatforms({ secret, git, builder, workspace, timeScale });
  const { driverOf } = platforms;
  const inspectHosts: Activities['inspectHosts'] = ({ target }) => driverOf(target).inspect(target);
  const measureBaseline: Activities['measureBaseline'] = (asked) =>
    driverOf(asked.target).measureBaseline(asked);
  const dependencies = createDependencies();
  const { remoteEndpoints } = deps;
  const fetch = createSafeFetch({
    configured: config.budget?.summary ? [config.budget.summary.url] : [],
  });
  const { notify, ...slack } = createSlack({ config, secret, ledger });
  const { page } = createPager({ page: config.page, secret });
  const loud = { config: () => config, page, notify };
  const { seals, executionOf } = deps;
  const activities: Activities = {
    ...createPlanner({
      config: () => config,
      ledger,
      git,
      inspectHosts,
      measureBaseline,
      ...(github ? { github } : {}),
      noReturn: async (target, sha) => (await driverOf(target).noReturn?.(target, sha)) ?? null,
      ...dependencies,
    }),
    ...createLateRollback({ config: () => config, ledger, inspectHosts }),
    ...createAllowRollback({ config: () => config, ledger }),
    ...createPush({ config: () => config, ledger, git }),
    ...createSupersede({ config: () => config, ledger, git }),
    ...createAdopt({ config: () => config, git, inspectHosts }),
    ...createApproval({ config: () => config, ledger }),
    ...createLift({ config: () => config, ledger }),
    ...createWaive({ config: () => config, ledger }),
    ...createStop({ config: () => config, ledger }),
    ...createGates({ config, git, github, ledger, driverOf, remoteEndpoints, secret, fetch }),
    ...createBudget({ config, ledger, secret, fetch }),
    ...createPublish({ git }),
    ...platforms.activities,
    inspectHosts,
    measureBaseline,
    ...dependencies,
    ...createPreviousReleaseProbe({ driverOf }),
    ...createSmoke({ driverOf }),
    ...createProof({ driverOf }),
    ...createWatch({ driverOf }),
    ...createLedgerActivities({
      ...{ ledger, signers: config },
      anchor: createAnchor(config, { secret, token }),
    }),
    ...slack,
    ...{ page, notify },
    ...createDeployments({ github, webUi: config.webUi ?? null }),
    ...createReconcile({ ledger, executionOf: deps.executionOf }),
    ...createFreeLocks({ config: () => config, ledger, locks: deps.locks }),
    ...createDrift({
      ...{ config: () => config, ledger, git, inspectHosts },
      lastDriftReport: deps.lastDriftReport,
    }),
    ...createIssues({ git, github }),
    ...createRevert({ git, github }),
    ...createDiagnose({ driverOf }),
    ...createSealEnd({ ...loud, seals }),
    ...createClose({ ...loud, ledger, seals, executionOf, inspectHosts }),
  };
  const guarded = guardActivities(activities, {
    ...{ config: () => config, ledger, seals, executionOf },
  });
  return { activities: guarded, close: platforms.close };
}
