import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Entry } from '../../domain/contract/activities.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, startStack, Unproven } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { bytesOf, hits, historiesOf } from '../support/histories.ts';
import { released, shipped, thereAndBack, untouched } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
/**
 * The release of charlie fails late in the watch. So the push of its revert and the last effects of
 * alpha and bravo are held at the same time.
 */
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'alpha', hosts: 2, environment: { requiredVariables: ['DATABASE_URL'] } },
  { ...good, name: 'bravo', hosts: 1 },
  { ...good, name: 'charlie', hosts: 1, next: samples.failsAfterMs(75_000) },
  { ...good, name: 'delta', hosts: 1 },
];
const plantedPassword = 'Zx81Qm-planted-password';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    fleetProjects,
    // Time runs slower than in the other files, because the kills keep the machine busy.
    timeScale: 24,
    edit: (config, directory) => {
      const file = join(directory, 'alpha.env');
      writeFileSync(file, `DATABASE_URL=postgres://shop:${plantedPassword}@127.0.0.1/shop\n`);
      config.projects.alpha.environments.production.environmentFile = file;
    },
  });
});
afterAll(() => stack?.close());

const counted = (project: string, effect: string) =>
  eventually(`${effect} of ${project}`, async () => {
    const { phase, watch } = await stack.status(project);
    if (phase === 'decision') throw new Unproven(watch?.reasons.join('; '));
    return (await stack.effectsOf(project))[effect];
  });

const inChannel = async (id: string) =>
  (await stack.slackMessages()).filter(({ metadata }) => metadata?.event_payload.deploy_id === id);

/**
 * Kills the worker after an effect, before the worker gets the answer. Then starts a new worker.
 */
async function killWorker() {
  await stack.workers.kill();
  await stack.release();
  await stack.workers.start();
}

test('a worker killed after stage, switch, restart and a Slack message repeats none of them', async () => {
  await stack.fault('vps', 'alpha-1 stage', 'hold');
  await stack.fault('vps', 'bravo-1 switch', 'hold');
  await stack.fault('vps', 'charlie-1 restart', 'hold');
  const three = ['alpha', 'bravo', 'charlie'];
  await Promise.all(three.map((project) => stack.deploy(project)));
  await Promise.all(three.map((project) => stack.reached(project, 'approval')));
  await Promise.all(three.map((project) => stack.approve(project)));
  await counted('alpha', 'alpha-1 stage');
  await counted('bravo', 'bravo-1 switch');
  await counted('charlie', 'charlie-1 restart');
  await stack.fault('slack', 'chat.postMessage', 'hold');
  await stack.deploy('delta');
  const { deployId } = await stack.reached('delta', 'approval');
  await eventually('a message about delta', async () => (await inChannel(deployId)).length > 0);
  expect(await stack.holding()).toBe(4);
  await killWorker();
  await Promise.all(three.map((project) => stack.reached(project, 'watch')));
  expect(await stack.effectsOf('alpha')).toEqual(released('alpha-1', 'alpha-2'));
  expect(await stack.effectsOf('bravo')).toEqual(released('bravo-1'));
  expect(await stack.effectsOf('charlie')).toEqual(released('charlie-1'));
});

test('an abort before any effect closes what was waiting, and touches nothing', async () => {
  const order = await stack.cli(['abort', 'delta', environment]);
  expect(order).toMatchObject({ code: 0 });
  expect(await stack.report('delta')).toMatchObject({ outcome: 'aborted', touched: false });
  expect(await stack.effectsOf('delta')).toEqual(untouched);
  expect(await stack.truthOf('delta')).toEqual({ served: ['old old old'], main: 'new' });
});

test('a Temporal server killed in the watch goes on from its data file', async () => {
  expect((await stack.status('alpha')).phase).toBe('watch');
  await stack.fault('git', 'push POST /acme/charlie.git', 'hold');
  await stack.fault('github', 'POST /repos/acme/alpha/issues/1/comments', 'hold');
  await stack.fault('github', 'PATCH /repos/acme/bravo/issues/1', 'hold');
  await stack.server.kill();
  const away = await stack.cli(['status', 'alpha', environment]);
  expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining(stack.address) });
  await stack.server.startAgain();
  const now = await eventually('alpha has a status again', () => stack.status('alpha'));
  expect(now).toMatchObject({ phase: 'watch', outcome: null });
});

const timeLimit = { timeout: 400_000 };
test(
  'a worker killed after a push, a comment and a closed issue repeats none of them',
  timeLimit,
  async () => {
    await counted('charlie', 'git push');
    await counted('alpha', 'github createComment');
    await counted('bravo', 'github updateIssue');
    expect(await stack.holding()).toBe(3);
    await killWorker();
    const reports = await Promise.all([stack.report('alpha'), stack.report('bravo')]);
    expect(reports.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
    // These sites have no visitors, so only the probes prove the release.
    const { watch } = await stack.status('alpha');
    expect(watch).toMatchObject({ verdict: 'pass' });
    expect(watch?.sources[0]).toMatchObject({ name: 'probes', verdict: 'healthy' });
    expect(await stack.effectsOf('alpha')).toEqual(shipped('alpha-1', 'alpha-2'));
    expect(await stack.effectsOf('bravo')).toEqual(shipped('bravo-1'));
    const everywhere = ['new new new', 'new new new'];
    expect(await stack.truthOf('alpha')).toEqual({ served: everywhere, main: 'new' });
    expect(await stack.truthOf('bravo')).toEqual({ served: ['new new new'], main: 'new' });
  },
);

test('the revert that was pushed before the kill is adopted: one push, one incident', async () => {
  const report = await stack.report('charlie');
  expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
  const after = await stack.aftermath(report);
  expect(after).toMatchObject({ quarantined: true, revertSha: expect.any(String) });
  expect(await stack.effectsOf('charlie')).toEqual(thereAndBack(['charlie-1'], true));
  expect(await stack.truthOf('charlie')).toEqual({ served: ['old old old'], main: 'reverted' });
});

test('after all the kills Slack has every message once', async () => {
  const messages = await stack.slackMessages();
  const names = messages.map(({ channel, metadata }) =>
    [channel, metadata?.event_payload.deploy_id, metadata?.event_payload.step].join(' '),
  );
  expect(names.length).toBeGreaterThan(8);
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
});

const kindsIn = (json: string) =>
  (JSON.parse(json) as Entry[]).map(({ kind, project }) => `${project} ${kind}`).toSorted();

/** The entries that the ledger must hold, each exactly once. */
const oneOfEach = [
  ...['alpha approved', 'alpha closed', 'alpha released', 'alpha ruling', 'alpha started'],
  ...['bravo approved', 'bravo closed', 'bravo released', 'bravo ruling', 'bravo started'],
  ...[
    'charlie approved',
    'charlie closed',
    'charlie incident',
    'charlie quarantine',
    'charlie released',
  ],
  ...[
    'charlie revert',
    'charlie rolling-back',
    'charlie ruling',
    'charlie started',
    'delta closed',
    'delta started',
  ],
  'null checkpoint',
];

test('no token and no value of an environment file is in any record', async () => {
  const { tokens } = stack.fleet.sandbox;
  const secrets = [tokens.github, tokens.slack, plantedPassword];
  const histories = await historiesOf(stack.client);
  const history = await stack.cli(['history', '--json', '--limit', '1000']);
  expect(histories.map(({ workflow }) => workflow)).toContain('deploy/alpha/production');
  expect(kindsIn(history.stdout)).toEqual(oneOfEach);
  const records: Record<string, string> = {
    histories: histories.map(({ text }) => text).join('\n'),
    'Slack messages': JSON.stringify(await stack.slackMessages()),
    'the worker log': readFileSync(stack.workers.log, 'utf8'),
    'what the CLI said': stack.said.join('\n'),
  };
  for (const name of readdirSync(stack.directory))
    if (name.startsWith('temporal.db')) records[name] = await bytesOf(join(stack.directory, name));
  for (const end of ['', '-wal'])
    records[`ledger${end}`] = await bytesOf(`${stack.fleet.ledgerPath}${end}`);
  const found = Object.entries(records).map(([name, text]) => [name, hits(text, secrets)]);
  expect(found).toEqual(Object.keys(records).map((name) => [name, 0]));
  // Proves that the search works: it finds a text that the histories contain.
  expect(hits(records['histories'] ?? '', [stack.fleet.fleetProjects[0]?.newSha ?? 'none'])).toBe(
    1,
  );
});
