import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Board } from '../../../sandbox/board.ts';
import { startControl } from '../../../sandbox/control/control.ts';
import { startGitHost } from '../../../sandbox/git-host/git-host.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';

const name = 'acme/shop';

const start = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-control-'));
  const board = new Board();
  const token = 'secret-token';
  const git = await startGitHost({ directory, board, token });
  const { repositories } = git;
  const github = await startGithub({ board, token, repositories });
  const slack = await startSlack({ board, token });
  const hosts: { host: string; running: string }[] = [{ host: 'web-1', running: 'a' }];
  const truths = { hosts: async () => hosts, repositories: repositories.truth };
  const control = await startControl({ board, git, github, slack, ...truths });
  const close = async () => {
    for (const part of [control, slack, github, git]) await part.close();
    await rm(directory, { recursive: true, force: true });
  };
  const shas = await git.createRepository(name, [
    { files: { a: '1' }, message: 'First' },
    { files: { a: '2' }, message: 'Second' },
  ]);
  return { board, git, github, slack, control, hosts, shas, close };
};

let fixture: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  fixture = await start();
});
afterEach(() => fixture.close());

const ask = async (operation: string, input?: unknown) => {
  const [method = 'GET', path = '/'] = operation.split(' ');
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  const init = input === undefined ? { method } : { method, body };
  const answer = await fetch(`${fixture.control.address}${path}`, init);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe('effects', () => {
  test('are listed and counted by service and operation', async () => {
    const { board } = fixture;
    board.count('git', 'push', 'x');
    board.count('git', 'push', 'y');
    board.count('slack', 'chat.postMessage', 'z');
    const { body } = await ask('GET /effects');
    expect(body).toMatchObject({
      counts: { git: { push: 2 }, slack: { 'chat.postMessage': 1 } },
      holding: 0,
    });
    expect(body.effects).toHaveLength(3);
  });
});

describe('faults', () => {
  const fault = { service: 'github', match: 'comments', kind: '500-after', times: 2 };
  test('are armed, shown, used up and cleared', async () => {
    expect((await ask('POST /faults', fault)).body).toEqual({ faults: [fault] });
    expect(fixture.board.take('github', 'POST /x/comments')).toBe('500-after');
    expect((await ask('GET /faults')).body).toEqual({ faults: [{ ...fault, times: 1 }] });
    expect((await ask('DELETE /faults')).body).toEqual({ faults: [] });
    expect(fixture.board.take('github', 'POST /x/comments')).toBeUndefined();
  });

  test('strike once unless told otherwise', async () => {
    const { times: _, ...once } = fault;
    expect((await ask('POST /faults', once)).body).toEqual({ faults: [{ ...once, times: 1 }] });
  });

  test.each([
    [
      { ...fault, kind: '500' },
      'kind: Invalid option: expected one of "429"|"500-before"|"500-after"|"drop-before"|"drop-after"|"slow"|"lying-status"|"hold".',
    ],
    [
      { ...fault, service: 'gitlab' },
      'service: Invalid option: expected one of "git"|"github"|"slack"|"pager"|"vps"|"northflank"|"vercel"|"cloudflare".',
    ],
    [{ ...fault, match: '' }, 'match: use a part of the operation, such as "push".'],
    [{ ...fault, time: 1 }, 'the body: Unrecognized key: "time".'],
  ])('%o is refused with what, why and the next command', async (input, why) => {
    expect(await ask('POST /faults', input)).toEqual({
      status: 400,
      body: {
        error: `The sandbox did not accept POST /faults.\n${why}\nTry: plimsoll sandbox faults git push 500-after --times 1`,
      },
    });
    expect(fixture.board.armed).toEqual([]);
  });

  test('that are not JSON are refused', async () => {
    expect(await ask('POST /faults', '{nope')).toEqual({
      status: 400,
      body: {
        error:
          'The sandbox could not read the body of POST /faults.\nThe body is not JSON.\nSend JSON, or use: plimsoll sandbox faults SERVICE MATCH KIND',
      },
    });
  });

  test('release lets go of what is held, and says of how many', async () => {
    await ask('POST /faults', { service: 'slack', match: 'auth.test', kind: 'hold' });
    const headers = { authorization: 'Bearer secret-token' };
    const held = fetch(`${fixture.slack.api}auth.test`, { method: 'POST', headers });
    await expect.poll(async () => (await ask('GET /effects')).body.holding).toBe(1);
    expect((await ask('POST /release')).body).toEqual({ released: 1 });
    expect((await held).status).toBe(200);
  });
});

describe('truth', () => {
  test('is what the hosts and the repositories say now', async () => {
    const { hosts, shas } = fixture;
    expect((await ask('GET /truth')).body).toEqual({
      at: expect.any(String),
      hosts: [{ host: 'web-1', running: 'a' }],
      repositories: [{ repository: name, main: shas[1], branches: { main: shas[1] } }],
    });
    hosts[0]!.running = 'b';
    expect((await ask('GET /truth')).body.hosts).toEqual([{ host: 'web-1', running: 'b' }]);
  });

  test('follows a repository that is changed behind the stand-in', async () => {
    const { git, shas } = fixture;
    const cwd = git.repositories.path(name);
    await execa('git', ['update-ref', 'refs/heads/main', shas[0] ?? ''], { cwd });
    await execa('git', ['update-ref', 'refs/heads/side', shas[1] ?? ''], { cwd });
    expect((await ask('GET /truth')).body.repositories).toEqual([
      { repository: name, main: shas[0], branches: { main: shas[0], side: shas[1] } },
    ]);
    await execa('git', ['update-ref', '-d', 'refs/heads/main'], { cwd });
    expect((await ask('GET /truth')).body.repositories).toEqual([
      { repository: name, main: null, branches: { side: shas[1] } },
    ]);
  });
});

describe('changes by others', () => {
  test('checks, statuses, issues, commits and messages appear, and count as no effect', async () => {
    const sha = fixture.shas[1];
    const at = { repository: name, sha };
    const check = { ...at, name: 'unit', status: 'completed', conclusion: 'failure' };
    expect((await ask('POST /checks', check)).body).toMatchObject({ conclusion: 'failure' });
    const status = { ...at, context: 'ci', state: 'success' };
    expect((await ask('POST /statuses', status)).body).toMatchObject({ state: 'success' });
    const issue = { repository: name, title: 'Broken' };
    expect((await ask('POST /issues', issue)).body).toMatchObject({ number: 1, state: 'open' });
    const commit = { repository: name, files: { a: null }, message: 'Third' };
    const made = await ask('POST /commits', commit);
    expect(await fixture.git.head(name)).toBe(made.body.sha);
    const message = { channel: '#incidents', user: 'U0ADA', text: 'what happened?' };
    await ask('POST /slack', message);
    expect((await ask('GET /slack')).body).toMatchObject({
      messages: [{ name: '#incidents', text: 'what happened?', user: 'U0ADA' }],
      scheduled: [],
    });
    expect(fixture.board.effects).toEqual([]);
  });

  test('protection reaches the git host', async () => {
    const input = { repository: name, branches: ['main'] };
    expect((await ask('POST /protection', input)).body).toEqual({ protected: ['main'] });
  });

  test.each([
    [
      'POST /issues',
      { repository: 'acme/nothing', title: 'A' },
      'The sandbox has no repository acme/nothing.\nIt has these repositories: acme/shop.\nSee the repositories with: plimsoll sandbox truth',
    ],
    [
      'POST /slack',
      { channel: '#nowhere', user: 'U0ADA', text: 'hi' },
      "The sandbox's Slack has no channel #nowhere.\nUse the name or the id of an existing channel.\nTry: #deployments or #incidents",
    ],
    [
      'POST /checks',
      { repository: name, sha: 'main', name: 'unit', status: 'completed' },
      'The sandbox did not accept POST /checks.\nsha: use all 40 digits of the commit.\nThe fields are in sandbox/control/control-input.ts. See the state with: plimsoll sandbox truth',
    ],
  ])('%s is refused with what, why and what to do', async (operation, input, error) => {
    expect((await ask(operation, input)).body).toEqual({ error });
  });

  test('an unknown address names the known ones', async () => {
    const { status, body } = await ask('GET /nothing');
    expect(status).toBe(404);
    expect(body.error).toBe(
      'The control plane of the sandbox has no route GET /nothing.\nIt has these routes: GET /effects, GET /faults, POST /faults, DELETE /faults, POST /release, GET /truth, GET /slack, POST /slack, GET /pages, POST /checks, POST /statuses, POST /issues, POST /commits, POST /protection.\nSee the effects with: plimsoll sandbox effects',
    );
  });
});
