import { MockActivityEnvironment } from '../../../support/activity-environment.ts';
import { createNorthflankActivities } from '../../../../activities/platforms/northflank/activities.ts';
import { createConnect } from '../../../../activities/platforms/northflank/connect.ts';
import { createNorthflankDriver } from '../../../../activities/platforms/northflank/driver.ts';
import type { NorthflankStep } from '../../../../domain/platforms/northflank/activities.ts';
import type { NorthflankTarget } from '../../../../domain/platforms/northflank/target.ts';
import { timing as timingOf } from '../../../../domain/deploy/timing.ts';
import type { FaultKind } from '../../../../sandbox/board.ts';
import {
  northflankFixture,
  repository,
  token,
} from '../../../sandbox/platforms/northflank/northflank-fixture.ts';
import { northflankPlan } from '../../../support/fake-northflank.ts';

type Options = Parameters<typeof northflankFixture>[0];

/** Divides the pauses of the Northflank client: 15 s become 25 ms. */
const paceScale = 600;
const timing = { ...timingOf(180), startUpMs: 3000 };
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };

/** Runs an activity like a worker. The activity was scheduled just now. */
export const run = <I, R>(verb: (input: I) => Promise<R>, input: I): Promise<R> =>
  new MockActivityEnvironment({ scheduledTimestampMs: Date.now() }, { logger: silent }).run(
    verb,
    input,
  );

/**
 * Starts the stand-in with one service, which serves the first commit. Returns the stand-in with
 * Plimsoll's activities and driver.
 */
export async function northflankPlace(options: Options = {}) {
  const fixture = await northflankFixture({ callsPerHour: 1_000_000, ...options });
  const { northflank, shas, board } = fixture;
  const live = await northflank.seed('gateway', shas[0]!);
  const target: NorthflankTarget = {
    platform: 'northflank',
    project: 'openclaw',
    service: 'gateway',
    api: northflank.address,
    token: 'env:NORTHFLANK_TOKEN',
    repository: `http://127.0.0.1:1/${repository}.git`,
    url: northflank.url('gateway'),
    port: 18789,
    health: '/healthz',
    version: '/version',
    requiredVariables: [],
  };
  const secrets: Record<string, string> = { 'env:NORTHFLANK_TOKEN': token, 'env:OLD': 'revoked' };
  const connect = createConnect({ secret: (ref) => secrets[ref] ?? '', timeScale: paceScale });
  const step = (sha: string, more: Partial<NorthflankStep> = {}): NorthflankStep => ({
    deploy: { deployId: 'd-1', project: 'gateway', environment: 'production', sha },
    target,
    release: { id: `${sha.slice(0, 12)}-0`, sha },
    timing,
    live,
    ...more,
  });
  const verbs = createNorthflankActivities(connect);
  const arm = (kind: FaultKind, match: string, times = 1) =>
    board.arm({ service: 'northflank', match, kind, times });
  return Object.assign(fixture, {
    live,
    target,
    connect,
    step,
    arm,
    do: verbs,
    driver: createNorthflankDriver(connect),
    plan: (more: Parameters<typeof northflankPlan>[0] = {}) =>
      northflankPlan({ target, github: repository, ...more }),
    back: (platformId: string | undefined = live): NorthflankStep =>
      step(shas[0]!, {
        release: { id: 'old-0', sha: shas[0]!, ...(platformId ? { platformId } : {}) },
      }),
    /** Orders a build of the commit and waits until the build ends. Returns the id of the build. */
    async build(sha: string) {
      const on = step(sha);
      const { known } = await run(verbs.readBuilds, on);
      const asked = { ...on, known, again: false, pushed: false, branch: 'main' };
      const { buildId } = await run(verbs.adoptBuild, asked);
      await run(verbs.awaitBuild, { ...on, buildId });
      return buildId;
    },
    /** Runs all steps from a finished build to the verified deployment. */
    async deployRelease(sha: string, buildId: string) {
      const on = { ...step(sha), buildId };
      const { containers } = await run(verbs.checkUnmoved, on);
      await run(verbs.deployBuild, on);
      return await run(verbs.verifyDeployment, { ...on, others: containers });
    },
  });
}
export type NorthflankPlace = Awaited<ReturnType<typeof northflankPlace>>;

/** The type and the text of a failure, and whether it is final. */
export const failureText = (promise: Promise<unknown>) =>
  promise.then(
    (value) => ({ it: 'succeeded', value }),
    ({
      type,
      message,
      nonRetryable,
    }: {
      type: string;
      message: string;
      nonRetryable: boolean;
    }) => ({
      type,
      final: nonRetryable,
      lines: message.split('\n'),
    }),
  );
