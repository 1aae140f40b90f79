import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../activities/ledger/ledger.ts';
import { createGitHub } from '../../activities/github/github.ts';
import type { Site } from '../../activities/plan/makers.ts';
import { makersOf } from '../../activities/plan/makers.ts';
import { readSigners } from '../../activities/git/signers.ts';
import { runGit } from '../../activities/git/run.ts';
import { decideRule } from '../../domain/approval/rule.ts';
import { suffices } from '../../domain/approval/quorum.ts';
import type { Maker, Proof } from '../../domain/approval/authorship.ts';
import type { RuleInput } from '../../domain/approval/rule-input.ts';
import type { Commit } from '../../domain/deploy/plan.ts';
import { Config } from '../../domain/config/config.ts';
import { startGithub } from '../../sandbox/github/github.ts';
import { hostAndGit } from '../activities/git/host.ts';
import { makeKey } from '../support/keys.ts';
import { memory, plan, configOf } from '../support/planning.ts';

const person = (name: string) => ({
  ...{ keys: [`ssh-ed25519 AAAA${name}`], emails: [`${name}@example.com`], github: `${name}-gh` },
});
const people = { morgan: person('morgan'), robin: person('robin'), sam: person('sam') };
const none: Proof = { source: 'github', makers: new Map(), ours: new Set(), unread: null };
const commitOf = (sha: string, ...emails: string[]): Commit => ({ sha, title: 'T', emails });

const decide = (over: Partial<RuleInput>) =>
  decideRule({
    ...{
      project: 'shop',
      environment: 'production',
      commits: [],
      unknownCommits: 0,
      approvers: people,
    },
    ...{ requesters: { ci: person('ci') }, requestedBy: 'ci', bots: ['dependabot[bot]'] },
    ...{ solo: 'off', firstDeploy: false, offBranch: null },
    ...over,
  });
const ruleOf = (over: Partial<RuleInput>) => {
  const decided = decide(over);
  if ('impossible' in decided) throw new Error(decided.impossible.join('; '));
  return decided.rule;
};
/** The people who can approve alone. Empty also if nobody can ever approve. */
const alone = (over: Partial<RuleInput>) => {
  const decided = decide(over);
  if ('impossible' in decided) return [];
  return Object.keys(people).filter((name) => suffices([name], decided.rule));
};
const requiredBy = (over: Partial<RuleInput>) => {
  const decided = decide(over);
  return 'impossible' in decided ? Number.POSITIVE_INFINITY : decided.rule.required;
};
const proofOf = (makers: Record<string, Maker[]>, over: Partial<Proof> = {}): Proof => ({
  ...none,
  makers: new Map(Object.entries(makers)),
  ...over,
});
const account = (login: string): Maker => ({ login, bot: login.endsWith('[bot]') });

describe('git commit --author', () => {
  test('decides alone who may approve, where only git is asked', () => {
    expect(alone({ commits: [commitOf('a', 'morgan@example.com')] })).toEqual(['robin', 'sam']);
    expect(alone({ commits: [commitOf('a', 'robin@example.com')] })).toEqual(['morgan', 'sam']);
  });

  test('frees nobody whose pull request it was', () => {
    const proof = proofOf({ a: [account('Morgan-gh')] });
    expect(alone({ proof, commits: [commitOf('a', 'morgan@example.com')] })).toEqual([
      ...['robin', 'sam'],
    ]);
    expect(alone({ proof, commits: [commitOf('a', 'robin@example.com')] })).toEqual(['sam']);
  });

  test('frees nobody whose key signed the commit', () => {
    const proof = proofOf({ a: [{ name: 'morgan' }] }, { source: 'signature' });
    expect(alone({ proof, commits: [commitOf('a', 'robin@example.com')] })).toEqual(['sam']);
  });

  test('needs two approvers where GitHub names nobody', () => {
    const commits = [commitOf('abcdef0', 'robin@example.com'), commitOf('1234567')];
    expect(ruleOf({ proof: none, commits })).toMatchObject({
      required: 2,
      reasons: [
        'production always needs a human',
        'two approvers: GitHub does not say who made abcdef0, 1234567: no merged pull request, no ' +
          'push, no verified signature',
      ],
    });
    expect(ruleOf({ proof: { ...none, source: 'signature' }, commits }).reasons[1]).toBe(
      'two approvers: no signature of a known key says who made abcdef0, 1234567; sign commits ' +
        'with a key that plimsoll.yaml lists',
    );
    expect(ruleOf({ proof: { ...none, unread: 'it is down' }, commits }).reasons[1]).toBe(
      'two approvers: nobody knows who made abcdef0, 1234567, because GitHub gave no answer: it is down',
    );
  });

  test.each([
    [
      'eve',
      'the GitHub account eve (abcdef0) belongs to no known person; write "github: eve" for a person under approvers or requesters',
    ],
    [
      'evil[bot]',
      'the GitHub App evil[bot] (abcdef0) belongs to no known person; list evil[bot] under bots, or write "github: evil[bot]" for a requester',
    ],
  ])('does not make %s a known person', (login, why) => {
    const commits = [commitOf('abcdef0', 'robin@example.com')];
    expect(ruleOf({ proof: proofOf({ abcdef0: [account(login)] }), commits })).toMatchObject({
      ...{ required: 2, reasons: ['production always needs a human', `two approvers: ${why}`] },
    });
  });

  test('does not make a person a bot', () => {
    const commits = [commitOf('a', '49699333+dependabot[bot]@users.noreply.github.com')];
    expect(ruleOf({ proof: none, commits }).required).toBe(2);
    expect(ruleOf({ proof: proofOf({ a: [account('dependabot[bot]')] }), commits }).required).toBe(
      1,
    );
    // An ordinary account with the name of a bot is no bot.
    const posing = proofOf({ a: [{ login: 'dependabot[bot]', bot: false }] });
    expect(ruleOf({ proof: posing, commits }).required).toBe(2);
  });

  test('does not make a revert a revert of Plimsoll', () => {
    const commits = [commitOf('a', 'plimsoll@localhost')];
    expect(ruleOf({ proof: none, commits }).required).toBe(2);
    expect(ruleOf({ proof: { ...none, ours: new Set(['a']) }, commits }).required).toBe(1);
  });

  test('never lets anybody approve who could not without it', () => {
    const emails = fc.array(
      fc.constantFrom(
        ...Object.values(people).flatMap((one) => one.emails),
        ...['eve@example.com', 'ci@example.com', 'plimsoll@localhost'],
        ...['robin-gh@users.noreply.github.com', 'dependabot[bot]@users.noreply.github.com'],
      ),
      { maxLength: 4 },
    );
    const makers = fc.array(
      fc.constantFrom<Maker>(
        ...['morgan-gh', 'robin-gh', 'sam-gh', 'eve', 'dependabot[bot]'].map(account),
        { name: 'robin' },
      ),
      { maxLength: 2 },
    );
    const commits = fc.array(fc.tuple(emails, makers), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(commits, fc.constantFrom('github', 'signature'), (all, source) => {
        const proof = proofOf(Object.fromEntries(all.map(([, by], at) => [`${at}`, by])), {
          source: source as Proof['source'],
        });
        const named = { proof, commits: all.map(([names], at) => commitOf(`${at}`, ...names)) };
        const bare = { proof, commits: all.map((_, at) => commitOf(`${at}`)) };
        expect(requiredBy(named)).toBeGreaterThanOrEqual(requiredBy(bare));
        const could = alone(bare);
        expect(alone(named).filter((name) => !could.includes(name))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the plan', () => {
  beforeEach(async () => {
    memory.ledger = await openLedger({ path: ':memory:' });
  });
  const quiet: Site = {
    pullOf: async () => null,
    signersOf: async () => new Map(),
    pushes: async () => [],
  };

  test('says that nobody verified the authors', async () => {
    const made = await plan({ config: configOf({ authorship: 'git' }) });
    expect(made.authorship).toBe('git');
    expect(made.warnings).toContain(
      'the authors are not verified (authorship: git): an author can write any name into a commit',
    );
  });

  test('names GitHub or the signatures as its source', async () => {
    const github = await plan({ config: configOf({ authorship: 'github' }), github: quiet });
    expect(github.authorship).toBe('github');
    expect(github.warnings ?? []).not.toContainEqual(expect.stringContaining('not verified'));
    const nonce = '2'.repeat(32);
    const signed = await plan({ config: configOf({ authorship: 'signature' }) }, { nonce });
    expect(signed).toMatchObject({ authorship: 'signature', rule: { required: 2 } });
  });

  test('asks two approvers while GitHub does not answer', async () => {
    const pullOf = () => Promise.reject(new Error('GitHub is down.\nTry again.'));
    const { rule } = await plan({
      ...{ config: configOf({ authorship: 'github' }), github: { ...quiet, pullOf } },
    });
    expect(rule).toMatchObject({ required: 2 });
    expect(rule.reasons[1]).toBe(
      'two approvers: nobody knows who made 0000000, because GitHub gave no answer: GitHub is ' +
        'down. Try again.',
    );
  });

  test('knows a revert of Plimsoll by the ledger, and by nothing else', async () => {
    const config = configOf({ authorship: 'github' });
    const ours = '0'.repeat(39) + '1';
    expect((await plan({ config, github: quiet })).rule.required).toBe(2);
    const entry = {
      kind: 'revert',
      key: 'd-0/revert',
      deployId: 'd-0',
      body: { sha: ours },
    } as const;
    await memory.ledger.append({ ...entry, project: 'shop', environment: 'production' });
    const { rule } = await plan({ config, github: quiet }, { nonce: '3'.repeat(32) });
    expect(rule.required).toBe(1);
  });
});

describe('what GitHub says', () => {
  const name = 'acme/shop';
  let at: Awaited<ReturnType<typeof hostAndGit>>;
  let hub: Awaited<ReturnType<typeof startGithub>>;
  let shas: string[];
  beforeAll(async () => {
    memory.ledger = await openLedger({ path: ':memory:' });
    at = await hostAndGit();
    const { board, host } = at;
    hub = await startGithub({ board, repositories: host.repositories, token: 'gh-token' });
    shas = await host.createRepository(
      name,
      ['Base', 'Merged', 'Pushed', 'Signed', 'By a bot', 'By nobody'].map((message, n) => ({
        ...{ files: { a: `${n}` }, message },
      })),
    );
    const [base = '', merged = '', pushed = '', signed = '', bot = ''] = shas;
    const branch = { head: 'robins-branch', commits: [merged], mergedAs: merged };
    hub.createPull(name, { title: 'Harden', author: 'robin-gh', ...branch });
    hub.createPull(name, { title: 'Release', author: 'sam-gh', ...branch, head: 'dev' });
    hub.createPull(name, { title: 'Bump', author: 'dependabot[bot]', head: 'b', mergedAs: bot });
    const zero = '0'.repeat(40);
    hub.push(name, {
      login: 'morgan-gh',
      before: zero,
      after: base,
      ref: 'refs/heads/robins-branch',
    });
    hub.push(name, { login: 'sam-gh', before: merged, after: pushed, ref: 'refs/heads/main' });
    hub.push(name, {
      login: 'eve',
      before: base,
      after: bot,
      ref: 'refs/heads/main',
      kind: 'pr_merge',
    });
    hub.setAccount(name, signed, { login: 'morgan-gh', verified: true });
    hub.setAccount(name, shas.at(-1)!, { login: 'robin-gh', verified: false });
  });
  afterAll(() => Promise.all([hub.close(), at.close()]));

  test('names authors of pull requests, pushers of their branches, pushers and signers', async () => {
    const github = createGitHub({ api: hub.address, token: 'gh-token', variable: 'GITHUB_TOKEN' });
    const repository = at.host.url(name);
    const config = configOf({ authorship: 'github' });
    const project = { ...config.projects['shop']!, repository, github: name };
    const [base = '', merged, pushed, signed, bot, last = ''] = shas;
    const { commits } = await at.git.commits(repository, base, last);
    const { proof, commits: named } = await makersOf(
      { git: at.git, ledger: memory.ledger, github },
      { config, place: { project }, projectName: 'shop', since: base, sha: last, commits },
    );
    const user = (login: string) => ({ login, bot: false });
    expect(proof.unread).toBeNull();
    expect(Object.fromEntries(proof.makers)).toEqual({
      [merged!]: [user('robin-gh'), user('morgan-gh')],
      [pushed!]: [user('sam-gh')],
      [signed!]: [user('morgan-gh')],
      [bot!]: [],
    });
    expect(named.find(({ sha }) => sha === merged)?.pull).toEqual({
      ...{ number: 1, title: 'Harden', author: 'robin-gh' },
    });
  });
});

describe('a signature of a commit', () => {
  const morgan = makeKey();
  const robin = makeKey();
  const eve = makeKey();
  let directory: string;
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const commit = (key: string | null, ...more: string[]) => {
    const sign = key === null ? ['--no-gpg-sign'] : ['-S'];
    const as = ['-c', 'user.name=Robin', '-c', 'user.email=robin@example.com'];
    const how = ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${key ?? ''}`];
    git(...as, ...how, 'commit', '-q', '--allow-empty', '-m', 'Work', ...sign, ...more);
    return git('rev-parse', 'HEAD').trim();
  };
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'plimsoll-signed-'));
    git('init', '-q', '-b', 'main', '.');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('is verified by the real git, with the keys of the people, and nothing else counts', async () => {
    const keys = { morgan: morgan.publicKey, robin: robin.publicKey };
    const byMorgan = commit(morgan.path);
    commit(null);
    commit(eve.path);
    const copied = git('cat-file', 'commit', byMorgan).replace('Work', 'Other work');
    writeFileSync(join(directory, 'copied'), copied);
    git('reset', '-q', '--hard', git('hash-object', '-t', 'commit', '-w', 'copied').trim());
    const byRobin = commit(robin.path, '--author', 'Morgan <morgan@example.com>');
    const allowed = Object.entries(keys)
      .map(([name, key]) => `${name} namespaces="git" ${key}\n`)
      .join('');
    const inMirror = (args: string[], call = {}) => runGit(args, { ...call, cwd: directory });
    const read = (text: string) =>
      readSigners(inMirror, { from: null, to: byRobin, allowed: text });
    expect(Object.fromEntries(await read(allowed))).toEqual({ [byRobin]: 'robin' });
    git('reset', '-q', '--hard', byMorgan);
    const signers = readSigners(inMirror, { from: null, to: byMorgan, allowed });
    expect(Object.fromEntries(await signers)).toEqual({ [byMorgan]: 'morgan' });
    expect((await read('')).size).toBe(0);
    const otherUse = allowed.replaceAll('"git"', '"plimsoll-approval@v1"');
    expect((await read(otherUse)).size).toBe(0);
  });

  test('counts only if git calls it good', async () => {
    const stdout = ['G', 'U', 'B', 'X', 'R', 'E', 'N'].map(
      (state) => `${state}\0${state}\0morgan\0`,
    );
    const answer = async () => ({ code: 0, stdout: stdout.join('\n'), stderr: '' });
    const signers = await readSigners(answer, { from: null, to: 'a', allowed: '' });
    expect(Object.fromEntries(signers)).toEqual({ G: 'morgan' });
  });

  test('by a revoked key does not count', async () => {
    const asked: string[] = [];
    const signers = async (_: string, { allowed }: { allowed: string }) => {
      asked.push(allowed);
      return new Map<string, string>();
    };
    const config = Config.parse({
      approvers: {
        morgan: { keys: [morgan.publicKey] },
        robin: { keys: [`valid-before="20400101" ${robin.publicKey}`] },
      },
      ...{ authorship: 'signature', revoked: [morgan.publicKey], projects: {} },
    });
    const project = configOf().projects['shop']!;
    await makersOf(
      { git: { signers } as never, ledger: await openLedger({ path: ':memory:' }) },
      { config, place: { project }, projectName: 'shop', since: null, sha: 'a', commits: [] },
    );
    const [type, key] = robin.publicKey.split(' ');
    expect(asked).toEqual([`robin namespaces="git",valid-before="20400101" ${type} ${key}\n`]);
  });
});
