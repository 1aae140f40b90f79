import { setTimeout as delay } from 'node:timers/promises';
import type { Commit } from '../../domain/deploy/plan.ts';
import { isAlone, authorshipOf } from '../../domain/approval/authorship-source.ts';
import type { Maker, Proof } from '../../domain/approval/authorship.ts';
import type { AuthorshipSource } from '../../domain/deploy/authorship-source.ts';
import type { Config, Project } from '../../domain/config/config.ts';
import { isRevoked } from '../approval/signatures/revoked.ts';
import { readKeyLine } from '../approval/signatures/key-line.ts';
import type { GitHub } from '../github/github.ts';
import type { MergedPull } from '../github/pulls.ts';
import { sshKeygen } from '../lib/ssh-keygen.ts';
import type { PlannerDeps } from './facts.ts';

export type Site = Pick<GitHub, 'pullOf' | 'signersOf' | 'pushes'>;

type Asked = {
  config: Config;
  place: { project: Project };
  projectName: string;
  since: string | null;
  sha: string;
  commits: readonly Commit[];
};

/** The largest number of commits for which GitHub is asked. The newest commits come first. */
const mostAsked = 250;
/**
 * The number of requests to GitHub at the same time. More requests would reach GitHub's secondary
 * rate limit.
 */
const together = 6;
const answerLimitMs = 60_000;
/**
 * In the messages at Slack, this number of commits get a pull request. The message to approvers
 * shows only ten commits.
 */
const mostTitled = 10;
const titleLimitMs = 5_000;

/**
 * Returns the makers of the commits. Also returns each commit with its pull request, if GitHub names
 * one. If GitHub gives no answer, no maker is returned, and `unread` is the reason. Then the rule asks for
 * one more approver.
 */
export async function makersOf(
  deps: Pick<PlannerDeps, 'git' | 'ledger' | 'github'>,
  asked: Asked,
): Promise<{ proof: Proof; commits: Commit[] }> {
  const { config, place } = asked;
  const source = authorshipOf(config, place.project) ?? 'git';
  const ours = await ownReverts(deps, asked.projectName);
  const none = { source, makers: new Map(), ours, unread: null };
  if (source === 'github') return await askGithub(deps, { ...asked, none });
  const makers = source === 'signature' ? await signersOf(deps, asked) : none.makers;
  return { proof: { ...none, makers }, commits: await titled(deps, asked) };
}

/**
 * Adds the pull requests of the newest commits, for the messages at Slack. If GitHub does not
 * answer in time, no pull requests are added.
 */
async function titled(
  { github }: Pick<PlannerDeps, 'github'>,
  { config, place, commits }: Asked,
): Promise<Commit[]> {
  const repository = place.project.github;
  if (!github || repository === undefined || !config.slack?.approvals) return [...commits];
  const shas = commits.slice(0, mostTitled).map(({ sha }) => sha);
  const ask = (sha: string) => github.pullOf(repository, sha).catch(() => null);
  return named(commits, await pullsOf(shas, { ask, timeLimitMs: titleLimitMs }));
}

/** Returns the revert commits that Plimsoll made for this project, from the ledger. */
async function ownReverts({ ledger }: Pick<PlannerDeps, 'ledger'>, project: string) {
  const entries = await ledger.read({ project, kinds: ['revert'], limit: 200 });
  return new Set(
    entries.map(({ body }) => body['sha']).filter((sha): sha is string => typeof sha === 'string'),
  );
}

async function signersOf(
  { git }: Pick<PlannerDeps, 'git'>,
  { config, place, since, sha }: Asked,
): Promise<Map<string, Maker[]>> {
  const people = [...Object.entries(config.approvers), ...Object.entries(config.requesters)];
  const lines: string[] = [];
  for (const [name, { keys }] of people)
    for (const text of keys) {
      const key = readKeyLine(text);
      if (key === null || (await isRevoked(key, config.revoked, sshKeygen()))) continue;
      const options = ['namespaces="git"', ...key.options].join(',');
      lines.push(`${name} ${options} ${key.type} ${key.publicKey}\n`);
    }
  const range = { from: since, to: sha, allowed: lines.join('') };
  const signers = await git.signers(place.project.repository, range);
  return new Map([...signers].map(([commit, name]) => [commit, [{ name }]]));
}

async function askGithub(
  { github, git }: Pick<PlannerDeps, 'git' | 'github'>,
  { place, sha, commits: all, none }: Asked & { none: Proof },
): Promise<{ proof: Proof; commits: Commit[] }> {
  const repository = place.project.github;
  if (!github || repository === undefined)
    return { proof: { ...none, unread: 'no token is configured' }, commits: [...all] };
  const shas = all.slice(0, mostAsked).map((commit) => commit.sha);
  try {
    const [signers, pushes, pulls] = await Promise.all([
      github.signersOf(repository, sha, shas),
      // Some GitHub servers do not list pushes. The deploy continues without the list, because
      // pushes only add people.
      github.pushes(repository).catch(() => []),
      pullsOf(shas, {
        ask: (commit) => github.pullOf(repository, commit),
        timeLimitMs: answerLimitMs,
      }),
    ]);
    const makers = new Map<string, Maker[]>();
    const add = (commit: string, ...more: Maker[]) =>
      void makers.set(commit, [...(makers.get(commit) ?? []), ...more]);
    for (const [commit, signer] of signers) add(commit, signer);
    for (const [commit, { author, branch }] of pulls) {
      const pushers = pushes.filter(({ ref }) => ref === branch).map(({ actor }) => actor);
      // The branch of a bot may contain commits of a person. So a bot counts only if it signed the
      // commit.
      add(commit, ...[...(author ? [author] : []), ...pushers].filter(({ bot }) => !bot));
    }
    const inRange = new Set(shas);
    for (const { actor, before, after } of pushes) {
      if (actor.bot || !inRange.has(after) || /^0+$/.test(before)) continue;
      const pushed = await git
        .commits(place.project.repository, before, after)
        .catch(() => ({ commits: [{ sha: after }] }));
      for (const one of pushed.commits) if (inRange.has(one.sha)) add(one.sha, actor);
    }
    return { proof: { ...none, makers }, commits: named(all, pulls) };
  } catch (cause) {
    return { proof: { ...none, unread: wordsOf(cause) }, commits: [...all] };
  }
}

const wordsOf = (cause: unknown) =>
  (cause instanceof Error ? cause.message : String(cause)).replaceAll('\n', ' ').slice(0, 300);

type Asking = { timeLimitMs: number; ask: (sha: string) => Promise<MergedPull | null> };

/**
 * Asks for the pull request of each commit. When the time limit is reached, the remaining commits
 * get none.
 */
async function pullsOf(shas: readonly string[], { timeLimitMs, ask }: Asking) {
  const pulls = new Map<string, MergedPull>();
  const left = [...shas];
  const late = AbortSignal.timeout(timeLimitMs);
  const work = async () => {
    for (let sha = left.shift(); sha !== undefined && !late.aborted; sha = left.shift()) {
      const pull = await ask(sha);
      if (pull) pulls.set(sha, pull);
    }
  };
  const all = Promise.all(Array.from({ length: together }, work));
  await Promise.race([all, delay(timeLimitMs, undefined, { ref: false })]);
  return new Map(pulls);
}

const named = (commits: readonly Commit[], pulls: ReadonlyMap<string, MergedPull>): Commit[] =>
  commits.map((commit) => {
    const pull = pulls.get(commit.sha);
    if (!pull) return commit;
    const { number, title, author } = pull;
    return { ...commit, pull: { number, title, author: author?.login ?? null } };
  });

/** True if the plan must warn people that nobody verified the authors. */
export const warnsOfAuthors = (config: Config, source: AuthorshipSource): boolean =>
  source === 'git' && !isAlone(config);
