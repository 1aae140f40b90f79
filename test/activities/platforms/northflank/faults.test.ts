import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '../../../support/activity-environment.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Northflank } from '../../../../activities/platforms/northflank/api/client.ts';
import type { FaultKind } from '../../../../sandbox/board.ts';
import {
  northflankFixture,
  token,
} from '../../../sandbox/platforms/northflank/northflank-fixture.ts';
import type { NorthflankFixture } from '../../../sandbox/platforms/northflank/northflank-fixture.ts';
import { localSite } from '../../lib/local-site.ts';
import { clientAt, failureOf, here } from './fixture.ts';

let fixture: NorthflankFixture;
let client: Northflank;
let live = '';
beforeAll(async () => {
  fixture = await northflankFixture({ slowMs: 50 });
  live = await fixture.northflank.seed('gateway', fixture.shas[0]!);
});
afterAll(() => fixture.close());
beforeEach(() => {
  client = clientAt(fixture.northflank.address);
});
afterEach(() => {
  fixture.board.clear();
  fixture.board.effects.length = 0;
});

const arm = (kind: FaultKind, match: string) =>
  fixture.board.arm({ service: 'northflank', match, kind, times: 1 });

type Call = [name: string, match: string, call: () => Promise<unknown>];
const now = () => ({ from: 0, to: Date.now() });
const reads: Call[] = [
  ['the service', 'GET', () => client.service()],
  ['the builds of', '/build', () => client.builds()],
  ['build BUILD of', '/build/', () => client.build(live)],
  ['the deployment of', '/deployment', () => client.deployment()],
  ['the health checks of', '/health-checks', () => client.healthChecks()],
  ['the containers of', '/containers', () => client.containers()],
  ['the names of the variables of', '/runtime-environment', () => client.variableNames()],
  ['the gradual rollout of', '/rollout', () => client.gradualRollout()],
  ['the log of', '/logs', () => client.logs(now())],
  ['the log of build BUILD of', '/build-logs', () => client.buildLog({ id: live, createdAt: 0 })],
];
const sha = () => fixture.shas[1]!;
const combined = { kind: 'combined', instances: 1 } as const;
const pinOf = (buildId: string) => ({ from: 'gateway', buildId, service: combined });
const mutations: Call[] = [
  ['starting a build of SHA in', 'POST', () => client.startBuild({ sha: sha() })],
  ['the deploy of build BUILD to', 'POST', () => client.pin(pinOf(live))],
];
const named = (name: string) =>
  `${name.replace('BUILD', live).replace('SHA', sha().slice(0, 7))} openclaw/gateway`;

describe.each(reads)('reading %s', (name, match, call) => {
  test.each([
    ['500-before', 'HTTP 502'],
    ['drop-before', 'no answer'],
    ['drop-after', 'no answer'],
  ] as const)('with %s is tried again, never by the client', async (kind, why) => {
    arm(kind, match);
    expect(await failureOf(call())).toEqual({
      type: 'Unavailable',
      message: `Northflank did not complete the request for ${named(name)} (${why}).`,
      nonRetryable: false,
    });
    expect(fixture.board.armed).toEqual([]);
  });

  test('waits where it is limited, and for a slow answer', async () => {
    arm('slow', match);
    await expect(call()).resolves.toBeDefined();
    arm('429', match);
    expect(await failureOf(call())).toEqual({
      type: 'Unavailable',
      message: `Northflank limits our calls and refused the request for ${named(name)}.`,
      nonRetryable: false,
      nextRetryDelay: 1000,
    });
  });
});

describe.each(mutations)('%s', (name, match, call) => {
  test.each([
    ['500-before', 'HTTP 502', 0],
    ['500-after', 'HTTP 502', 1],
    ['drop-before', 'no answer', 0],
    ['drop-after', 'no answer', 1],
  ] as const)('with %s has an unknown outcome', async (kind, why, effects) => {
    arm(kind, match);
    expect(await failureOf(call())).toEqual({
      type: 'UnknownOutcome',
      message: `Northflank did not complete the request for ${named(name)} (${why}).`,
      nonRetryable: false,
    });
    expect(fixture.effects()).toHaveLength(effects);
    expect(fixture.board.armed).toEqual([]);
  });

  test('with a lying status is acknowledged and lost', async () => {
    arm('lying-status', match);
    await call();
    expect(fixture.effects()).toEqual([]);
  });
});

describe('lies of reads', () => {
  test('a failed build is said to be a success, the newest build is missing', async () => {
    fixture.northflank.set('gateway', { nextBuild: 'FAILURE' });
    const { id } = await client.startBuild({ sha: sha() });
    await expect.poll(async () => (await client.build(id)).status).toBe('FAILURE');
    arm('lying-status', `/build/${id}`);
    expect(await client.build(id)).toMatchObject({ status: 'SUCCESS', success: true });
    arm('lying-status', 'GET');
    expect((await client.builds()).builds.map((build) => build.id)).not.toContain(id);
    expect((await client.builds()).builds.map((build) => build.id)).toContain(id);
  });

  test('a rollout is said to be COMPLETED', async () => {
    fixture.northflank.set('gateway', { stepMs: 400 });
    await client.pin(pinOf(live));
    arm('lying-status', 'GET');
    expect((await client.service()).rollout?.status).toBe('COMPLETED');
    expect(fixture.truth().status).not.toBe('COMPLETED');
    fixture.northflank.set('gateway', { stepMs: 20 });
    await expect.poll(() => fixture.truth().status).toBe('COMPLETED');
  });
});

describe('an answer that does not come', () => {
  test('ends with the time-out: a change may have happened', async () => {
    const hasty = clientAt(fixture.northflank.address, { timeoutMs: 300 });
    arm('hold', 'POST');
    expect(await failureOf(hasty.pin(pinOf(live)))).toMatchObject({
      type: 'UnknownOutcome',
      message: `Northflank did not complete the request for the deploy of build ${live} to openclaw/gateway (no answer in 0.3 s).`,
    });
    await expect.poll(() => fixture.effects()).toEqual(['deploy']);
    arm('hold', 'GET');
    expect(await failureOf(hasty.service())).toMatchObject({ type: 'Unavailable' });
  });

  test('ends with the cancel of the activity, which is no failure of Northflank', async () => {
    const activity = new MockActivityEnvironment();
    const patient = clientAt(fixture.northflank.address, { timeoutMs: 600_000 });
    arm('hold', 'GET');
    const call = activity.run(() => patient.service());
    await expect.poll(() => fixture.board.holding).toBeGreaterThan(0);
    activity.cancel();
    await expect(call).rejects.toBeInstanceOf(CancelledFailure);
  });
});

describe('what Northflank refuses', () => {
  test('an unknown token, naming its variable and never the token', async () => {
    const stranger = clientAt(fixture.northflank.address, { secret: 'nf-wrong-token' });
    const failureText = await failureOf(stranger.service());
    expect(failureText).toEqual({
      type: 'Misconfigured',
      message:
        'Northflank refused the request for the service openclaw/gateway, ' +
        'because it does not know the token in NORTHFLANK_TOKEN (401).\n' +
        'Make a new API token, set NORTHFLANK_TOKEN where the worker is started, and start the worker again.',
      nonRetryable: true,
    });
  });

  test('a service, a project or a team that is not there', async () => {
    const at = (place: typeof here) =>
      failureOf(clientAt(fixture.northflank.address, { place }).service());
    expect(await at({ ...here, service: 'gatewy' })).toEqual({
      type: 'Misconfigured',
      message:
        'Northflank has no service gatewy in project openclaw for the token in NORTHFLANK_TOKEN (404).\n' +
        'Check "project" and "service" in plimsoll.yaml: they are the ids in the address of the service\'s page. ' +
        'A token of an organisation needs "team" as well.',
      nonRetryable: true,
    });
    expect((await at({ ...here, team: 'acme' })).message).toBe(
      'Northflank has no service gateway in project openclaw of team acme ' +
        'for the token in NORTHFLANK_TOKEN (404).\n' +
        'Check "team", "project" and "service" in plimsoll.yaml: they are the ids in the address of the service\'s page.',
    );
  });

  test('a build that is gone', async () => {
    expect(await failureOf(client.build('early-lamp-1'))).toEqual({
      type: 'RejectedByPlatform',
      message:
        'Northflank has no build early-lamp-1 of service gateway in project openclaw (404).\n' +
        'Look under "Builds" of the service for the builds that Northflank still has. Or build the commit again.',
      nonRetryable: true,
    });
  });

  test('a deploy of a build that it does not have, in its own words', async () => {
    const failureText = await failureOf(client.pin(pinOf('early-lamp-1')));
    expect(failureText).toEqual({
      type: 'RejectedByPlatform',
      message:
        'Northflank refused the request for the deploy of build early-lamp-1 to openclaw/gateway (400): ' +
        'No such build.\nCorrect the service in Northflank, then deploy again.',
      nonRetryable: true,
    });
    expect(fixture.effects()).toEqual([]);
  });
});

describe('an answer that is none', () => {
  const answering = async (
    answer: (to: ServerResponse, from: IncomingMessage) => void,
    call: (at: Northflank) => Promise<unknown>,
  ) => {
    const site = await localSite((from, to) => answer(to, from));
    const failureText = await failureOf(call(clientAt(site.url)));
    await site.close();
    expect(site.reached).toHaveLength(1);
    return failureText;
  };
  const json =
    (body: unknown, status = 200) =>
    (to: ServerResponse) =>
      void to.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  test.each([
    ['no JSON', (to: ServerResponse) => void to.end('<html>'), 'the body'],
    ['no data', json({}), 'data'],
    ['a build without an id', json({ data: { status: 'SUCCESS', success: true } }), 'data.id'],
    ['a success that is a word', json({ data: { id: 'b', success: 'yes' } }), 'data.success'],
  ])('%s is no pass', async (_, answer, where) => {
    const text = (what: string) =>
      `Northflank answered the request for ${what} openclaw/gateway in an unknown form ("${where}").`;
    expect(await answering(answer, (at) => at.build('b'))).toMatchObject({
      type: 'Unavailable',
      message: text('build b of'),
    });
    expect(await answering(answer, (at) => at.startBuild({ sha: 'abcdef123' }))).toMatchObject({
      type: 'UnknownOutcome',
      message: text('starting a build of abcdef1 in'),
    });
  });

  test('a state that it learned since is unknown, and no success', async () => {
    const site = await localSite((_, to) =>
      json({ data: { id: 'b', status: 'TELEPORTED', sha: 'a' } })(to),
    );
    const build = await clientAt(site.url).build('b');
    await site.close();
    expect(build).toMatchObject({ status: 'unknown', concluded: false, success: false });
  });

  const lacking = (what: string, status: number, remedy: string) =>
    `Northflank refused the request for ${what} openclaw/gateway, because the token in NORTHFLANK_TOKEN has no permission (${status}).\n` +
    `Give the token's role the permission ${remedy}`;
  const inProject = ' for project openclaw.';
  const general = '(newer roles call it "Project > Services > General > Update")';

  test('403 names the permission that is missing', async () => {
    const forbidden = json({ error: { message: 'no' } }, 403);
    const message = (what: string, remedy: string) => lacking(what, 403, `${remedy}${inProject}`);
    expect(await answering(forbidden, (at) => at.variableNames())).toEqual({
      type: 'Misconfigured',
      message: message('the names of the variables of', '"Project > Secrets > Services > Read"'),
      nonRetryable: true,
    });
    expect((await answering(forbidden, (at) => at.service())).message).toBe(
      message('the service', '"Project > Services > General > Read"'),
    );
    expect((await answering(forbidden, (at) => at.pin(pinOf('b-1')))).message).toBe(
      message(
        'the deploy of build b-1 to',
        `"Project > Services > Deployment > Update Deployment" ${general}`,
      ),
    );
    const start = (at: Northflank) => at.startBuild({ sha: 'abcdef123' });
    expect((await answering(forbidden, start)).message).toBe(
      message(
        'starting a build of abcdef1 in',
        `"Project > Services > Deployment > Deploy Build" ${general}`,
      ),
    );
  });

  test('401 is a missing permission, too, where Northflank says so: its id, or in words', async () => {
    const id = 'ps_services_deployment_view-observability';
    const told = { message: 'no', details: { requiredPermission: id } };
    const remedy =
      '"Project > Services > Deployment > View Instance Logs" ' +
      '(newer roles call it "Project > Services > Deployment > View Observability")';
    const read = (at: Northflank) => at.logs(now());
    expect((await answering(json({ error: told }, 401), read)).message).toBe(
      lacking('the log of', 401, `${remedy}${inProject} Northflank names "${id}".`),
    );
    const words = { message: 'The role does not have permission.', details: 'none' };
    expect((await answering(json({ error: words }, 401), read)).message).toBe(
      lacking('the log of', 401, `${remedy}${inProject}`),
    );
  });

  test('a redirect is not followed: the token stays with Northflank', async () => {
    const away = await localSite((_, to) => void to.end('{}'));
    const redirect = (to: ServerResponse) => void to.writeHead(307, { location: away.url }).end();
    expect(await answering(redirect, (at) => at.service())).toMatchObject({
      type: 'Misconfigured',
      message:
        "Northflank's API answered the request for the service openclaw/gateway with a redirect (307), " +
        'and Plimsoll never follows a redirect.\nCheck the address of the API in plimsoll.yaml.',
    });
    await away.close();
    expect(away.reached).toEqual([]);
  });

  test('a reason that echoes the request is shown without it', async () => {
    const echo = (to: ServerResponse, from: IncomingMessage) =>
      json({ error: { message: `bad header: ${from.headers.authorization}` } }, 400)(to);
    const failureText = await answering(echo, (at) => at.service());
    expect(failureText.message).toContain('(400): bad header: Bearer …');
    expect(failureText.message).not.toContain(token);
  });

  test('429 waits for the reset of the hour, or a minute where none is told', async () => {
    const limited = (headers: Record<string, string>) => (to: ServerResponse) =>
      void to.writeHead(429, headers).end('{}');
    const reset = limited({ 'x-ratelimit-reset': '1730' });
    const call = (at: Northflank) => at.startBuild({ sha: 'a' });
    expect(await answering(reset, call)).toMatchObject({
      type: 'Unavailable',
      nextRetryDelay: 1_730_000,
    });
    expect(await answering(limited({}), call)).toMatchObject({ nextRetryDelay: 60_000 });
  });
});
