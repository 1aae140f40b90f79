import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Board } from '../../sandbox/board.ts';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { plantedSecret, samples } from '../../sandbox/samples/samples.ts';
import type { FileTree } from '../../sandbox/samples/samples.ts';
import { workers } from '../../sandbox/samples/workers.ts';
import { startSmtp } from '../../sandbox/pager/smtp.ts';
import type { Smtp } from '../../sandbox/pager/smtp.ts';
import { environment, eventually, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { everyText, leaks } from '../support/every-text.ts';
import { historiesOf } from '../support/histories.ts';

/** A release that does not start. The release writes a token to its log before it ends. */
const talks: FileTree = {
  ...samples.crashesAtStart(),
  'server.mjs': `const token = ['ghp', 'a1B2c3D4e5'.repeat(3) + 'F6g7H8'].join('_');
console.error('<3>error: DATABASE_URL refused: authorization: Bearer ' + token);
process.exit(1);
`,
};

type PlatformSamples = Pick<ProjectSpec, 'hosts' | 'first' | 'at'> & {
  good: FileTree;
  bad: FileTree;
};
const trees = { first: samples.good(1), good: samples.good(2), bad: talks };
const worker = (name: string) => ({
  ...{ first: workers.good(name), good: workers.good(name, 2), bad: workers.doesNotStart(name) },
});
/** For each platform, a good and a bad release. */
const platformSamples: Record<string, (name: string) => PlatformSamples> = {
  vps: () => ({ hosts: 1, ...trees }),
  northflank: () => ({ at: 'northflank', hosts: 0, ...trees }),
  vercel: () => ({ at: 'vercel', hosts: 0, ...trees }),
  cloudflare: (name) => ({ at: 'cloudflare', hosts: 0, ...worker(name) }),
};
const fleetProjects = Object.entries(platformSamples).flatMap(([platform, of]) =>
  (['good', 'bad'] as const).map((kind): ProjectSpec => {
    const name = `${platform}-${kind}`;
    const { good, bad, ...spec } = of(name);
    return { ...spec, name, checks: 'success', next: kind === 'good' ? good : bad };
  }),
);
const names = fleetProjects.map(({ name }) => name);

const random = () => randomBytes(12).toString('hex');
const topic = `topic-${random()}`;
const password = `pass+${random()}/=`;
const canary = 'canary-of-this-test';
/** A token in the title of a commit. It is not a secret of the worker. */
const titleToken = ['ghp', 'b2C3d4E5f6'.repeat(4).slice(0, 36)].join('_');

let stack: Stack;
let smtp: Smtp;
const mailBoard = new Board();
beforeAll(async () => {
  smtp = await startSmtp({ board: mailBoard, password });
  const mail = {
    host: smtp.host,
    port: smtp.port,
    user: 'plimsoll',
    password: 'env:SMTP_PASSWORD',
  };
  const smtpConfig = { ...mail, from: 'plimsoll@example.com', to: ['oncall@example.com'] };
  stack = await startStack({
    fleetProjects,
    workerEnv: { SMTP_PASSWORD: password },
    edit: (config) => {
      config.page = { webhook: `${config.page.webhook}-${topic}`, smtp: smtpConfig };
    },
  });
});
afterAll(async () => {
  await stack?.close();
  await smtp?.close();
});

/** The long lines of a private key. No text may contain any of these lines. */
const linesOf = async (name: string, path: string) => {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.length > 60);
  return Object.fromEntries(lines.map((line, index) => [`${name}, line ${index + 1}`, line]));
};

async function planted(): Promise<Record<string, string>> {
  const { fleet } = stack;
  const host = fleet.sandbox.hosts[0];
  return {
    ...fleet.env,
    'page webhook': topic,
    'SMTP password': password,
    'a token in the log of a release': plantedSecret,
    'a token in the title of a commit': titleToken,
    ...(await linesOf('ssh key of the hosts', host?.clientKeyPath ?? '')),
    ...(await linesOf("an approver's key", fleet.keys.morgan)),
  };
}

test('good and bad releases everywhere end, through errors of everything that has a token', async () => {
  for (const service of ['github', 'slack', 'northflank', 'vercel', 'cloudflare', 'git'])
    await stack.fault(service, '/', '500-before', 2);
  mailBoard.arm({ service: 'smtp', match: 'DATA', kind: '500-before', times: 1 });
  await Promise.all(names.map((name) => stack.deploy(name, ['--reason', canary])));
  await Promise.all(names.map((name) => stack.reached(name, 'approval')));
  await Promise.all(names.map((name) => stack.approve(name)));
  await stack.reached('vps-good', 'watch');
  // A flag makes the deploy ask a person. The page goes out over every channel.
  await stack.cli(['flag', 'vps-good', environment, 'customers cannot pay', '--as', 'robin']);
  await stack.reached('vps-good', 'decision');
  await eventually('Plimsoll pages people', () => stack.fleet.sandbox.pager.calls().length > 0);
  await stack.cli(['rollback', 'vps-good', environment]);
  const reports = await Promise.all(names.map((name) => stack.report(name)));
  expect(reports.map(({ project, outcome }) => `${project} ${outcome}`)).toEqual([
    'vps-good rolled-back',
    'vps-bad rolled-back',
    'northflank-good succeeded',
    'northflank-bad rolled-back',
    'vercel-good succeeded',
    'vercel-bad aborted',
    'cloudflare-good succeeded',
    'cloudflare-bad aborted',
  ]);
  for (const report of reports.filter(({ outcome }) => outcome === 'rolled-back'))
    await stack.aftermath(report);
});

test('a commit with secrets in its title is planned, and ends at its gate', async () => {
  const { repository } = projectIn(stack.fleet, 'vps-good');
  const { git, github } = stack.fleet.sandbox;
  const author = { name: 'Casey', email: 'casey@example.com' };
  const message = `Use ${titleToken}, ${password}, and ${Buffer.from(password).toString('base64')}`;
  const change = { files: samples.good(3), message, author, branch: 'main' };
  const sha = await git.commit(repository, change);
  github.setCheckRun(repository, sha, { name: 'ci', status: 'completed', conclusion: 'success' });
  const words = ['deploy', 'vps-good', environment, '--wait', 'gates', ...stack.as('casey')];
  expect((await stack.cli(words)).code).toBe(7);
  const title = 'Use [a GitHub token, left out], [SMTP_PASSWORD, left out], …';
  await eventually('a history has the title without its secrets', async () =>
    (await historiesOf(stack.client)).some(({ text }) => text.includes(title)),
  );
  expect((await stack.cli([...words, '--ref', titleToken])).code).toBe(2);
});

test('what people ask for afterwards, with the right tokens and with wrong ones', async () => {
  const { configPath, env } = stack.fleet;
  const wrong = Object.fromEntries(Object.entries(env).map(([name, it]) => [name, `${it}x`]));
  const doctor = ['doctor', '--config', configPath, '--page'];
  await stack.fault('pager', '/', '500-before', 1);
  await stack.cli(doctor, { ...wrong, SMTP_PASSWORD: `${password}x` });
  await stack.cli(doctor, { ...env, SMTP_PASSWORD: password });
  expect(smtp.mails()).not.toEqual([]);
  for (const name of ['vps-bad', 'vercel-good']) {
    await stack.cli(['status', name, environment, '--json']);
    await stack.cli(['watch', name, environment, '--json']);
    await stack.cli(['deploy', name, environment, '--ref', 'nothing', ...stack.as('casey')]);
  }
  for (const args of [['history', '--json'], ['incidents', '--json'], ['history']])
    await stack.cli(args);
  expect(stack.said.join('\n')).toContain('GITHUB_TOKEN');
});

test('no credential stands in anything that anybody can read', async () => {
  const told = await everyText(stack);
  // Proves that the test really read each source: no source is empty.
  for (const [where, text] of Object.entries(told))
    expect([where, text.length > 100]).toEqual([where, true]);
  const heard = Object.entries(told).filter(([, text]) => text.includes(canary));
  expect(heard.map(([where]) => where)).toEqual([
    'histories and failures, summaries and memos of the Web UI',
    'the database of Temporal',
    'the ledger',
    'Slack',
    'the command line',
  ]);
  const secrets = await planted();
  expect(Object.keys(secrets)).toEqual(expect.arrayContaining(Object.keys(stack.fleet.env)));
  for (const [kind, secret] of Object.entries(secrets))
    expect([kind, secret.length > 10]).toEqual([kind, true]);
  expect(leaks(told, secrets)).toEqual([]);
});

test('a credential would be found, in whatever form', () => {
  const secret = 'a+b/c=d"e';
  const told = {
    plain: `x${secret}y`,
    address: `?token=${encodeURIComponent(secret)}`,
    json: JSON.stringify({ secret }),
    header: `Basic ${Buffer.from(`x-access-token:${secret}`).toString('base64')}`,
    nothing: 'a+b',
  };
  expect(leaks(told, { one: secret })).toEqual([
    'one: plain',
    'one: address',
    'one: json',
    'one: header',
  ]);
});
