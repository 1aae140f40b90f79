import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createPlatformGate } from '../../activities/gates/platform.ts';
import { createTestsGate } from '../../activities/gates/tests.ts';
import { createGit } from '../../activities/git/git.ts';
import { gitToken } from '../../activities/git/token.ts';
import type { Access } from '../../activities/github/access.ts';
import { createDeployments } from '../../activities/github/deployment-statuses.ts';
import { createGitHub } from '../../activities/github/github.ts';
import { installationToken } from '../../activities/github/installation-token.ts';
import { createIssues } from '../../activities/incident/issues.ts';
import { createRevert } from '../../activities/incident/revert.ts';
import { openHost } from '../../activities/platforms/vps/ssh/on-host.ts';
import type { GateReport, HostState, Plan } from '../../domain/deploy/plan.ts';
import { githubPermission, githubPermissions } from '../../domain/services/github-permissions.ts';
import type { GithubPermission } from '../../domain/services/github-permissions.ts';
import { startGithub } from '../../sandbox/github/github.ts';
import type { Github, GithubOptions } from '../../sandbox/github/github.ts';
import type { Permissions } from '../../sandbox/github/permissions.ts';
import type { TokenRights } from '../../sandbox/github/tokens.ts';
import { parseConfig } from '../../worker/config/config.ts';
import { github as doctor } from '../../worker/doctor/github.ts';
import { zipOf } from '../activities/gates/zip.ts';
import { hostAndGit } from '../activities/git/host.ts';
import { planFor } from '../activities/plan/plan-fixture.ts';
import { noFetch, onVps } from '../support/drivers.ts';
import { configText } from '../worker/doctor/doctor-fixture.ts';
import { textOf, saidBy, tokenOf } from './rows.ts';
import type { Row, Told } from './rows.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

type Kind = {
  name: string;
  isPublic?: boolean;
  /** The rights with all documented permissions but one; null = with all. */
  without(permission: string | null): TokenRights;
};

const level = (one: GithubPermission) => githubPermissions[one];
const keys = Object.keys(githubPermissions) as GithubPermission[];
/** The permissions of an App or of a fine-grained token. */
const given = (kind: string, removed: string | null): Permissions =>
  Object.fromEntries(
    tokenOf('github', kind)
      .permissions.filter(({ name }) => name !== removed)
      .map(({ name }) => keys.find((key) => githubPermission(key) === name)!)
      .map((key) => [level(key).api, level(key).level]),
  );

const fine = 'fine-grained personal access token, public repository';
const kinds: Kind[] = [
  {
    name: 'classic personal access token',
    without: (one) => ({
      kind: 'classic',
      scopes: ['repo', 'workflow'].filter((scope) => one !== `the scope ${scope}`),
      role: one?.includes('write') ? 'read' : one?.includes('admin') ? 'write' : 'admin',
    }),
  },
  {
    name: 'GitHub App',
    without: (one) => ({ kind: 'app', permissions: given('GitHub App', one) }),
  },
  {
    name: fine,
    isPublic: true,
    without: (one) => ({ kind: 'fine-grained', permissions: given(fine, one), role: 'admin' }),
  },
];

const name = 'acme/shop';
const live: HostState = {
  ...{ host: 'web-1', sha: null, runningSha: null, invocationId: 'i', active: true, healthy: true },
};

/** Runs the doctor, the plan, and everything that a deploy does at GitHub. */
async function play(kind: Kind, removed: string | null): Promise<Row & { early: number }> {
  let hub: Github | undefined;
  const at = await hostAndGit({
    visibility: kind.isPublic === true ? 'public' : 'private',
    rightsOf: (password) => hub?.rightsOf(password),
  });
  const shas = (await at.host.createRepository(name, [
    { files: { a: '1' }, message: 'First' },
    { files: { a: '2', '.github/workflows/ci.yml': 'on: push' }, message: 'Second, closes #1' },
  ])) as [string, string];
  const [first, sha] = shas;
  const rights = kind.without(removed);
  const isApp = rights.kind === 'app';
  const options: GithubOptions = {
    ...{ board: at.board, repositories: at.host.repositories, token: 'unused' },
    ...(isApp
      ? { app: { id: 1, installation: 2, publicKey, permissions: rights.permissions } }
      : { tokens: { 'gh-token': rights } }),
    isPublic: kind.isPublic === true,
  };
  hub = await startGithub(options);
  hub.setCheckRun(name, sha, { name: 'unit', status: 'completed', conclusion: 'success' });
  hub.setAlerts(name, { 'code-scanning': [], dependabot: [], 'secret-scanning': [] });
  hub.createIssue(name, { title: 'Broken' });
  const xml = '<testsuite tests="1"><testcase name="a" classname="b"/></testsuite>';
  hub.storeArtifact(name, { sha, name: 'report', zip: zipOf([{ name: 'a.xml', text: xml }]) });

  const variable = isApp ? 'GITHUB_APP_KEY' : 'GITHUB_TOKEN';
  const value = isApp ? privateKey : 'gh-token';
  const site = isApp
    ? { app: { id: 1, installation: 2, key: `env:${variable}` } }
    : { token: `env:${variable}` };
  const config = configOf({ ...site, api: hub.address }, at.host.url(name));
  const access: Access = isApp
    ? { app: { id: 1, installation: 2, key: privateKey } }
    : { token: value };
  const github = createGitHub({ api: hub.address, variable, ...access });
  const git = createGit({
    workspace: `${at.workspace}-2`,
    token: gitToken({
      config,
      secret: () => value,
      ...('app' in access
        ? { appToken: installationToken({ api: hub.address, variable, ...access }) }
        : {}),
    }),
  });
  const plan = planFor({ sha, repository: at.host.url(name), github: name, ownsBranch: true });
  const parts = { config, git, github };
  const findings = await Promise.all(doctor(config, { [variable]: value }));
  const told = findings.map(({ state, text }) => (state === 'ok' ? `ok: ${text}` : text));
  const planned = await planOf(parts, plan);
  const early = at.board.effects.length;
  const deployed = await deployOf(parts, plan, first);
  await Promise.all([hub.close(), at.close()]);
  const clean = (texts: string[]) =>
    [...new Set(texts.filter((text) => text !== ''))]
      .join('\n')
      .replaceAll(sha, 'COMMIT')
      .replaceAll(sha.slice(0, 7), 'COMMIT')
      .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'https://github.com')
      .replaceAll('127.0.0.1', 'github.com');
  return {
    permission: removed ?? '',
    ...{ doctor: clean(told), plan: clean(planned), deploy: clean(deployed), early },
  };
}

function configOf(github: object, repository: string) {
  const text = configText({ top: { github } })
    .replace('http://127.0.0.1:1/acme/shop.git', repository)
    .replace(
      /( +)tests:\n/,
      '$1audit:\n$1  github: [code-scanning, dependabot, secret-scanning]\n$1tests:\n$1  artifact: report\n',
    );
  return parseConfig(text, 'plimsoll.yaml');
}

type Parts = {
  config: ReturnType<typeof configOf>;
  git: ReturnType<typeof createGit>;
  github: ReturnType<typeof createGitHub>;
};

/** What closes a gate, and what a source of the audit gate says. */
async function planOf({ config, git, github }: Parts, plan: Plan): Promise<string[]> {
  const closed = (gate: Promise<GateReport>) =>
    gate.then(
      ({ open, reasons }) => (open ? [] : reasons),
      (cause: unknown) => [(cause as Error).message],
    );
  const platform = createPlatformGate({
    ...{ config, git, ledger: { quarantines: async () => [] }, remoteEndpoints: [] },
    fetch: noFetch,
    driverOf: onVps({ openHost, live: async () => [live] }),
  });
  const read = await saidBy(git.remoteHead(plan.target.repository, plan.branch));
  if (read !== '') return [read];
  return [
    ...(await closed(createTestsGate({ config, git, github })({ plan }))),
    ...(await closed(platform({ plan }))).filter((text) => text.includes('revert')),
    await saidBy(github.openAlerts(name, 'code-scanning')),
    await saidBy(github.openAlerts(name, 'dependabot')),
    await saidBy(github.openAlerts(name, 'secret-scanning')),
  ];
}

/** Everything that a deploy and its rollback change at GitHub. */
async function deployOf({ git, github }: Parts, plan: Plan, first: string): Promise<string[]> {
  const whole = { ...plan, rollbackTarget: { id: 'x', sha: first } } as Plan;
  const record = createDeployments({ github, webUi: null }).recordDeployment;
  const cause = { kind: 'watch', blames: 'release', detail: 'errors rose' } as const;
  const back = { rolledBackTo: { id: 'x', sha: first }, cause };
  const revert = (plan: Plan) => createRevert({ git, github }).revertMain({ plan, ...back });
  const failed = { plan, state: 'in_progress', description: 'a deploy' } as const;
  return [
    await saidBy(record(failed)),
    await saidBy(createIssues({ git, github }).closeIssues({ plan: whole })),
    await saidBy(revert({ ...whole, revert: 'pull-request' })),
    await saidBy(revert(whole)),
  ];
}

const told: Told = {};
beforeAll(() => {
  for (const { name: kind } of kinds) told[kind] = [];
});

/** Every word of the permission that a message must contain. */
const wordsOf = (permission: string) =>
  permission.replace(/^the role "(\w+)".*$/, 'the role "$1"').replace(/: \w+$/, '');

describe.each(kinds)('$name', (kind) => {
  const documented = tokenOf('github', kind.name).permissions;

  test('with exactly the documented permissions, everything works', async () => {
    const { doctor: said, plan, deploy, early } = await play(kind, null);
    expect({ plan, deploy, early }).toEqual({ plan: '', deploy: '', early: 0 });
    expect(said).toMatch(/^ok: \S+ can read acme\/shop/);
  });

  test.each(documented)('without $name', async ({ name: permission, needed }) => {
    const { early, ...row } = await play(kind, permission);
    told[kind.name]!.push(row);
    expect(early).toBe(0);
    const before = `${row.doctor}\n${row.plan}`;
    const says =
      needed === 'optional'
        ? row.doctor.startsWith('ok: ')
        : before.toLowerCase().includes(wordsOf(permission).toLowerCase());
    expect({ says, before }).toMatchObject({ says: true });
  });
});

test('the rows are those of docs/permissions.md', async () => {
  const { text, file } = await textOf('github', told);
  await expect(text).toMatchFileSnapshot(file);
});
