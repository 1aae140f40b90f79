import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { freePort } from '../../worker/engine/free-port.ts';
import { environment, projectIn, startStack } from '../support/e2e.ts';
import type { Person, Stack } from '../support/e2e.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const fleetProjects: ProjectSpec[] = ['ships', 'back', 'gates', 'queue'].map((name) => ({
  ...{ ...good, name, hosts: 1 },
}));

let stack: Stack;
let url: string;
let home: string;
beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  stack = await startStack({
    fleetProjects,
    edit: (config) => {
      config.web = { listen: `127.0.0.1:${port}`, url };
    },
  });
  home = join(stack.directory, 'home');
});
afterAll(() => stack?.close());

/** Nothing listens there. A command that uses Temporal fails. */
const noTemporal = '127.0.0.1:1';
/** Runs a command that can reach the door, and cannot reach Temporal. */
const cli = (who: Person, args: string[]) =>
  stack.cli([...args, ...stack.as(who)], {
    ...{ PLIMSOLL_SERVER: url, TEMPORAL_ADDRESS: noTemporal, XDG_DATA_HOME: home },
  });
const place = (project: string) => [project, environment];
const history = async (project: string): Promise<Entry[]> => {
  const { stdout } = await cli('morgan', ['history', ...place(project), '--json']);
  return JSON.parse(stdout) as Entry[];
};

describe('with the door alone', () => {
  test('a person plans, deploys, approves and watches a release to its end', async () => {
    const plan = await cli('casey', ['plan', ...place('ships')]);
    expect(plan).toMatchObject({ code: 0 });
    const deploy = cli('casey', ['deploy', ...place('ships')]);
    await stack.reached('ships', 'approval');
    expect((await cli('morgan', ['status', ...place('ships')])).code).toBe(8);
    const approved = await cli('morgan', ['approve', ...place('ships'), '--yes']);
    expect(approved).toMatchObject({ code: 0 });
    expect(approved.stdout).toMatch(/^The decision counts: /);
    const watch = await cli('robin', ['watch', ...place('ships')]);
    expect(watch).toMatchObject({ code: 0 });
    expect(await deploy).toMatchObject({ code: 0 });
    expect((await stack.truthOf('ships')).served).toEqual(['new new new']);
    const kinds = (await history('ships')).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['started', 'ruling', 'released', 'closed']));
  });

  test('a requester rolls a release back, and the command that follows it ends with 5', async () => {
    const deploy = cli('casey', ['deploy', ...place('back')]);
    await stack.reached('back', 'approval');
    expect(await cli('morgan', ['approve', ...place('back'), '--yes'])).toMatchObject({ code: 0 });
    await stack.reached('back', 'watch');
    const flag = await cli('casey', ['flag', 'back', environment, 'customers cannot pay']);
    expect(flag).toMatchObject({ code: 0 });
    const order = await cli('casey', ['rollback', ...place('back')]);
    expect(order.stdout).toMatch(
      /^back production: the release is rolled back to \w{7} and proven on every host\.\n$/,
    );
    expect(await deploy).toMatchObject({ code: 5 });
    expect((await stack.truthOf('back')).served).toEqual(['old old old']);
    const incidents = await cli('morgan', ['incidents', '--json']);
    const [{ incident }] = JSON.parse(incidents.stdout) as [{ incident: string }];
    const close = ['incidents', 'close', incident, '--by'];
    expect(await cli('morgan', [...close, 'casey'])).toMatchObject({
      code: 2,
      stderr:
        'Through the door, a person can name only themselves: --by casey is not morgan.\n' +
        'Use --by morgan, or sign as casey with PLIMSOLL_AS and PLIMSOLL_KEY.\n',
    });
    expect(await cli('morgan', [...close, 'morgan'])).toMatchObject({ code: 0 });
  });

  test('a requester who approves, a wrong key and a stranger are refused', async () => {
    expect(await cli('casey', ['deploy', ...place('gates'), '--detach'])).toMatchObject({
      code: 0,
    });
    await stack.reached('gates', 'approval');
    const approve = await cli('casey', ['approve', ...place('gates'), '--yes']);
    expect(approve).toMatchObject({ code: 4 });
    expect(approve.stderr).toContain(
      'casey may not sign this, because only approvers may.\n' +
        "The worker's plimsoll.yaml lists who may: see approvers.\n",
    );
    const stolen = ['status', ...place('gates'), '--as', 'robin', '--key', stack.fleet.keys.casey];
    const answer = await stack.cli(stolen, { PLIMSOLL_SERVER: url, XDG_DATA_HOME: `${home}-2` });
    expect(answer).toMatchObject({ code: 4 });
    expect(answer.stderr).toMatch(/^The signature is not robin's: it was made with a key that /);
    expect(await cli('morgan', ['reject', ...place('gates')])).toMatchObject({ code: 0 });
    expect(await stack.report('gates')).toMatchObject({ outcome: 'rejected', touched: false });
  });

  test('a newer request takes the lock, the line stops and starts, and nothing is lost', async () => {
    expect(await cli('casey', ['deploy', ...place('queue'), '--detach'])).toMatchObject({
      code: 0,
    });
    await stack.reached('queue', 'approval');
    const { repository } = projectIn(stack.fleet, 'queue');
    await stack.fleet.sandbox.git.commit(repository, {
      ...{ files: samples.good(3), message: 'a newer page' },
      author: { name: 'Casey', email: 'casey@example.com' },
    });
    const next = await cli('robin', ['deploy', ...place('queue'), '--detach']);
    expect(next).toMatchObject({ code: 0 });
    expect(next.stderr).toMatch(/^Your deploy replaces the deploy by casey /);
    expect(await stack.report('queue')).toMatchObject({ touched: false });
    expect(await cli('casey', ['stop-line', 'the database is full'])).toMatchObject({ code: 0 });
    const refused = await cli('casey', ['stop-line', 'it is safe', '--lift']);
    expect(refused).toMatchObject({ code: 4 });
    expect(await cli('robin', ['stop-line', 'it is safe', '--lift'])).toMatchObject({ code: 0 });
    const line = await cli('morgan', ['reconcile']);
    expect(line.stdout).toBe('No deploy was lost: every deploy is open, or has ended.\n');
    expect(await cli('morgan', ['history', '--verify'])).toMatchObject({ code: 0 });
  });
});

test('each person has one session, which nobody else can read', async () => {
  const directory = join(home, 'plimsoll', 'sessions');
  const files = await readdir(directory);
  expect(files.length).toBe(3);
  for (const name of [directory, ...files.map((file) => join(directory, file))]) {
    const { mode } = await stat(name);
    expect(mode & 0o077).toBe(0);
  }
});
