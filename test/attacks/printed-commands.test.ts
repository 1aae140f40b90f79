import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createPublish } from '../../activities/git/publish.ts';
import { noSuchRef } from '../../activities/git/refuse.ts';
import { committedModules } from '../../activities/platforms/cloudflare/tree.ts';
import { plainRef } from '../../domain/lib/ref.ts';
import { insteadOf } from '../../domain/messages/supersede.ts';
import { planFor } from '../support/plan.ts';

/** Names that git accepts for a branch. A shell runs a part of each, if nobody quotes the name. */
const branches = ['$(id)', '`id`', 'a;id', "it's", 'a"b', 'a&id', 'x|id', '$IFS', '!!', '#1', '>x'];

/** Runs the printed command in a real shell. Every program in it only prints its words. */
function wordsOf(command: string): string[] {
  const program = command.split(' ', 1)[0] ?? '';
  const script = `${program}() { printf '%s\\n' "$@"; }\n${command}`;
  const output = execFileSync('sh', ['-c', script], { encoding: 'utf8', cwd: '/' });
  return output.trimEnd().split('\n');
}

const refusedPush = async (branch: string) => {
  const git = { remoteHead: async () => null, isAncestor: async () => false, push: undefined };
  const { publishCommit } = createPublish({ git: git as never });
  const { target, deployId, project, environment, sha } = planFor();
  const deploy = { deployId, project, environment, sha };
  const input = { deploy, target, branch } as never;
  const error = await publishCommit(input).catch((cause: unknown) => cause as Error);
  return /git push origin .*/.exec((error as Error).message)?.[0] ?? '';
};

describe('a command that people copy runs nothing of a name', () => {
  test.each(branches)('%s', async (branch) => {
    expect(plainRef.test(branch)).toBe(true);
    const held = { project: 'shop', environment: 'production', phase: 'closed' };
    const [again = ''] = insteadOf(held, { ref: branch, priority: 'normal' });
    const command = again.replace('Send it again: ', '');
    expect(wordsOf(command)).toEqual(['deploy', 'shop', 'production', '--ref', branch]);
    expect(wordsOf(await refusedPush(branch))).toEqual(['push', 'origin', branch]);
    const [, list = ''] = noSuchRef(`git@host:${branch}.git`, 'x').message.split('all names: ');
    expect(wordsOf(list)).toEqual(['ls-remote', `git@host:${branch}.git`]);
    const [, remove = ''] = committedModules(branch).split('.gitignore: ');
    expect(wordsOf(remove)).toEqual(['rm', '-r', '--cached', branch]);
  });
});
