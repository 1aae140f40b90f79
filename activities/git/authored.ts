import { visible } from '../../domain/lib/visible.ts';
import { brokenMirror } from './refuse.ts';
import type { InMirror } from './mirror.ts';

/**
 * The fields of a commit for people. `author` and `committer` have the form "Name <address>".
 * Invisible characters are shown as their codes, and every field is cut after 120 characters.
 */
export type Authored = { title: string; author: string; committer: string; at: string };

const format = '--format=%s%x00%an <%ae>%x00%cn <%ce>%x00%cI%x00';
const most = 120;

export async function authored(git: InMirror, sha: string): Promise<Authored> {
  const answer = await git(['log', '--max-count=1', '--no-mailmap', format, sha, '--']);
  if (answer.code !== 0) throw brokenMirror(`read ${sha.slice(0, 12)}`, answer);
  const [title = '', author = '', committer = '', at = ''] = answer.stdout
    .split('\0')
    .map((field) => visible(field.slice(0, most)).slice(0, most));
  return { title, author, committer, at };
}
