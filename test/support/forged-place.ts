import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { readCommits as Read } from '../../activities/git/commits.ts';
import { sealDigest } from '../../activities/lib/seal-digest.ts';
import type { decideRule as Decide } from '../../domain/approval/rule.ts';
import { Config } from '../../domain/config/config.ts';
import { gitEnvironment } from '../../sandbox/git-host/git-host-repositories.ts';
import { makeKeys, peopleOf, publicKey } from './forgery.ts';
import type { Place, World } from './forgery.ts';
import { openGate, planFor } from './plan.ts';

export type ForgedPlace = { world: World; config: Config; now: number };
/**
 * The code that reads the authors of commits, and the code that makes the approval rule from them.
 */
export type Code = { readCommits: typeof Read; decideRule: typeof Decide };

const now = '2026-11-24T12:00:00.000Z';
const notAfter = '2026-11-24T14:00:00.000Z';

/** Makes a commit by these people in a new repository. `inMirror` runs git commands there. */
function commitBy(author: string, committer: string, together: string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-written-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const who = (role: string, name: string) => ({
    [`GIT_${role}_NAME`]: name,
    [`GIT_${role}_EMAIL`]: `${name}@example.com`,
  });
  const env = { ...gitEnvironment(), ...who('AUTHOR', author), ...who('COMMITTER', committer) };
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: directory, env, encoding: 'utf8' });
  git('init', '-q');
  const lines = together.map((name) => `Co-authored-by: ${name} <${name}@example.com>`);
  git('commit', '-q', '--allow-empty', '-m', `Take cards\n\n${lines.join('\n')}`);
  const sha = git('rev-parse', 'HEAD').trim();
  const told = new Map<string, string>();
  const read = (args: string[]) => {
    const key = args.join('\0');
    if (!told.has(key)) told.set(key, git(...args));
    return told.get(key) ?? '';
  };
  const inMirror = async (args: string[]) => ({ code: 0, stdout: read(args), stderr: '' });
  return { sha, inMirror };
}

/** Makes keys for all people. Returns a function that makes a plan which waits for an approval. */
export function forgedPlaces() {
  const keys = makeKeys();
  const written = {
    together: commitBy('robin', 'kim', ['lee', 'morgan']),
    'a bot': commitBy('bot', 'bot', []),
  };
  const people = peopleOf(keys);
  const zoe = { keys: [publicKey(keys.zoe)], emails: ['zoe@example.com'] };
  const configOf = (withZoe: boolean) =>
    Config.parse({
      ...people,
      approvers: { ...people.approvers, ...(withZoe ? { zoe } : {}) },
      slack: {
        token: 'env:SLACK_BOT_TOKEN',
        approvals: {
          ...{ team: 'T0SANDBOX', key: keys.bridge, publicKey: publicKey(keys.bridge) },
          appToken: 'env:SLACK_APP_TOKEN',
        },
      },
      projects: {},
    });
  return async (place: Place, { readCommits, decideRule }: Code): Promise<ForgedPlace> => {
    const { inMirror, sha } = written[place.writtenBy ?? 'together'];
    const { commits } = await readCommits(inMirror as Parameters<typeof Read>[0], null, sha);
    const { approvers, requesters } = configOf(false);
    const decided = decideRule({
      project: 'shop',
      ...{ environment: 'production', commits, unknownCommits: 0, bots: ['bot@example.com'] },
      ...{ approvers, requesters, requestedBy: 'morgan', solo: 'off' },
      ...{ firstDeploy: false, offBranch: null },
      ...('slack' in place ? (place.slack ? { slack: place.slack } : {}) : { slack: 'one' }),
      ...(place.approvers ? { override: place.approvers } : {}),
    });
    if ('impossible' in decided) throw new Error(decided.impossible.join('; '));
    const { noReturn } = place;
    const plan = planFor({
      ...{ sha, commits, requestedBy: 'morgan', rule: decided.rule, notAfter },
      ...(noReturn === undefined ? {} : { noReturn }),
    });
    const gates = [openGate('tests', now)];
    const sealed = { plan, gates, digest: sealDigest(plan, gates) };
    const config = configOf(place.planned !== undefined);
    return { world: { keys, sealed }, config, now: Date.parse(now) };
  };
}
