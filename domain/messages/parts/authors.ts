import type { AuthorshipSource } from '../../deploy/authorship-source.ts';
import type { Commit } from '../../deploy/plan.ts';
import { short } from './served.ts';

type Kind = 'email' | 'account' | 'bot';

/** One line of the plan: the source that says who wrote the commits. */
export const authorsLine: Record<AuthorshipSource, string> = {
  github: 'from GitHub: pull requests, pushes and verified signatures',
  signature: 'from the verified signatures of the commits',
  git: 'NOT VERIFIED: from the names in the commits',
};

/** The warning in every plan whose authors nobody verified. */
export const unverifiedAuthors =
  'the authors are not verified (authorship: git): an author can write any name into a commit';

const remedies: Record<Kind, (who: string) => string> = {
  email: () => 'list the address under approvers, requesters or bots',
  account: (who) => `write "github: ${who}" for a person under approvers or requesters`,
  bot: (who) => `list ${who} under bots, or write "github: ${who}" for a requester`,
};
const kinds: Record<Kind, string> = {
  email: '',
  account: 'the GitHub account ',
  bot: 'the GitHub App ',
};

type Stranger = { who: string; kind: Kind; commit: Commit };

/** Returns the reason for two approvers if the configuration does not know an author. */
export const strangerReason = ({ who, kind, commit }: Stranger) =>
  `two approvers: ${kinds[kind]}${who} (${short(commit.sha)}) belongs to no known person; ` +
  remedies[kind](who);

const listed = (commits: readonly Commit[]) => {
  const first = commits.slice(0, 3).map(({ sha }) => short(sha));
  const more = commits.length - first.length;
  return `${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

type Asked = { source: AuthorshipSource; unread: string | null };

/** Returns the reason for two approvers if the source does not say who made these commits. */
export function unprovenReason(commits: readonly Commit[], { source, unread }: Asked): string {
  const which = `who made ${listed(commits)}`;
  if (source === 'signature')
    return `two approvers: no signature of a known key says ${which}; sign commits with a key that plimsoll.yaml lists`;
  return unread === null
    ? `two approvers: GitHub does not say ${which}: no merged pull request, no push, no verified signature`
    : `two approvers: nobody knows ${which}, because GitHub gave no answer: ${unread}`;
}
