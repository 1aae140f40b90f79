import type { Commit } from '../deploy/plan.ts';

export type Human = {
  keys: readonly string[];
  emails: readonly string[];
  github?: string | undefined;
  slack?: string | undefined;
  /** The roles that this person has as an approver. */
  roles?: readonly string[] | undefined;
};

type Known = {
  commits: readonly Commit[];
  approvers: Readonly<Record<string, Human>>;
  requesters: Readonly<Record<string, Human>>;
  bots: readonly string[];
};

/**
 * For each commit, `groups` lists the known people among its author, committer and co-authors.
 * `strangers` lists the e-mail addresses that belong to no known person and no bot.
 */
export function authorship({ commits, approvers, requesters, bots }: Known) {
  const people = [...Object.entries(approvers), ...Object.entries(requesters)];
  const owner = new Map(
    people.flatMap(([name, { emails }]) => emails.map((email) => [email.toLowerCase(), name])),
  );
  const login = new Map(people.map(([name, { github }]) => [github?.toLowerCase(), name]));
  const bot = new Set(bots.map((email) => email.toLowerCase()));
  const nameOf = (email: string) => owner.get(email) ?? login.get(githubLogin(email));
  const strangers = new Map<string, Commit>();
  const groups = commits.map((commit) => {
    const emails = commit.emails.map((email) => email.toLowerCase());
    for (const email of emails.length > 0 ? emails : ['an unnamed author'])
      if (!nameOf(email) && !bot.has(email)) strangers.set(email, commit);
    return emails.map(nameOf).filter((name) => name !== undefined);
  });
  return { groups, strangers: [...strangers].map(([email, commit]) => ({ email, commit })) };
}

/**
 * Returns the login in a private e-mail address of GitHub. For any other address, returns ''. No
 * person has the login ''.
 */
const githubLogin = (email: string) =>
  /^(?:\d+\+)?([a-z0-9-]+)@users\.noreply\.github\.com$/.exec(email)?.[1] ?? '';
