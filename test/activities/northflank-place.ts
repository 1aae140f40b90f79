import { MockActivityEnvironment } from '@temporalio/testing';
import { createNorthflankActivities } from '../../activities/platforms/northflank.ts';
import { createConnect } from '../../activities/platforms/northflank/connect.ts';
import { createNorthflankDriver } from '../../activities/platforms/northflank/driver.ts';
import type { NorthflankStep } from '../../domain/activities/northflank.ts';
import type { NorthflankTarget } from '../../domain/plan.ts';
import { timing as timingOf } from '../../domain/policy/timing.ts';
import type { FaultKind } from '../../sandbox/board.ts';
import { northflankFixture, repository, token } from '../sandbox/northflank-fixture.ts';
import { northflankPlan } from '../support/fake-northflank.ts';

type Options = Parameters<typeof northflankFixture>[0];

/** A quarter of a minute is 25 ms; what may take minutes may take seconds. */
const paceScale = 600;
const timing = { ...timingOf(180), startUpMs: 3000 };
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };

/** A verb as the worker runs it, scheduled just now. */
export const run = <I, R>(verb: (input: I) => Promise<R>, input: I): Promise<R> =>
  new MockActivityEnvironment({ scheduledTimestampMs: Date.now() }, { logger: silent }).run(
    verb,
    input,
  );

/** The stand-in, its one service live on the first commit, and Plimsoll's verbs and driver on it. */
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
    /** Built by our order, and awaited. */
    async build(sha: string) {
      const on = step(sha);
      const { known } = await run(verbs.readBuilds, on);
      const asked = { ...on, known, again: false, pushed: false, branch: 'main' };
      const { buildId } = await run(verbs.adoptBuild, asked);
      await run(verbs.awaitBuild, { ...on, buildId });
      return buildId;
    },
    /** The whole procedure from a build on. */
    async ship(sha: string, buildId: string) {
      const on = { ...step(sha), buildId };
      const { containers } = await run(verbs.checkUnmoved, on);
      await run(verbs.deployBuild, on);
      return await run(verbs.verifyDeployment, { ...on, others: containers });
    },
  });
}
export type NorthflankPlace = Awaited<ReturnType<typeof northflankPlace>>;

/** What a person would read, and whether it is final. */
export const told = (promise: Promise<unknown>) =>
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
