import type { Commit } from '../deploy/plan.ts';
import type { AuthorshipSource } from '../deploy/authorship-source.ts';

export type Human = {
  keys: readonly string[];
  emails: readonly string[];
  github?: string | undefined;
  slack?: string | undefined;
  /** The roles that this person has as an approver. */
  roles?: readonly string[] | undefined;
  /** The only projects in which this person has rights; absent: every project. */
  projects?: readonly string[] | undefined;
};

/**
 * A person or a bot who made a commit. The author of the commit cannot forge this fact. GitHub
 * gives the account as `login`. A signature gives `name`: the person in the configuration whose key
 * signed the commit.
 */
export type Maker = { login: string; bot: boolean } | { name: string };

/** Who made the commits. */
export type Proof = {
  source: AuthorshipSource;
  /** The makers of each commit, by its full SHA. For the source 'git', this map is empty. */
  makers: ReadonlyMap<string, readonly Maker[]>;
  /** Full SHAs of the commits that Plimsoll made, as the ledger records them. */
  ours: ReadonlySet<string>;
  /**
   * The reason why GitHub gave no answer. null: GitHub answered, or Plimsoll did not ask GitHub.
   */
  unread: string | null;
};

type Known = {
  commits: readonly Commit[];
  approvers: Readonly<Record<string, Human>>;
  requesters: Readonly<Record<string, Human>>;
  bots: readonly string[];
  proof?: Proof | undefined;
};

/** An author whom the configuration does not name, and one of the author's commits. */
export type Stranger = { who: string; kind: 'email' | 'account' | 'bot'; commit: Commit };

export type Authors = {
  /** For each commit: the known people who made it, or who are named in it. */
  groups: string[][];
  strangers: Stranger[];
  /** The commits for which the source names nobody. */
  unproven: Commit[];
};

/**
 * Finds the known people who made each commit. An author can write any name into a commit. So the
 * names in a commit only add people, and never remove the people that GitHub or a signature names.
 */
export function authorship({ commits, approvers, requesters, bots, proof }: Known): Authors {
  const { nameOf, nameOfLogin, isBot, isBotLogin } = directory({ approvers, requesters, bots });
  const strangers = new Map<string, Stranger>();
  const unproven: Commit[] = [];
  const groups = commits.map((commit) => {
    if (proof?.ours.has(commit.sha)) return [];
    const emails = commit.emails.map((email) => email.toLowerCase());
    const written = emails.map(nameOf).filter((name) => name !== undefined);
    if (proof === undefined || proof.source === 'git') {
      for (const who of emails.length > 0 ? emails : ['an unnamed author'])
        if (!nameOf(who) && !isBot(who)) strangers.set(who, { who, kind: 'email', commit });
      return written;
    }
    const makers = proof.makers.get(commit.sha) ?? [];
    if (makers.length === 0) unproven.push(commit);
    const made = makers.map((maker) => {
      if ('name' in maker) return maker.name;
      const name = nameOfLogin(maker.login);
      const known = name !== undefined || (maker.bot && isBotLogin(maker.login));
      const kind = maker.bot ? ('bot' as const) : ('account' as const);
      if (!known) strangers.set(maker.login, { who: maker.login, kind, commit });
      return name;
    });
    return [...made.filter((name) => name !== undefined), ...written];
  });
  return { groups, strangers: [...strangers.values()], unproven };
}

function directory({ approvers, requesters, bots }: Omit<Known, 'commits'>) {
  const people = [...Object.entries(approvers), ...Object.entries(requesters)];
  const owner = new Map(
    people.flatMap(([name, { emails }]) => emails.map((email) => [email.toLowerCase(), name])),
  );
  const login = new Map(people.map(([name, { github }]) => [github?.toLowerCase(), name]));
  const bot = new Set(bots.map((email) => email.toLowerCase()));
  const botLogins = new Set([...bot].map((entry) => githubLogin(entry) || entry));
  return {
    nameOf: (email: string) => owner.get(email) ?? login.get(githubLogin(email)),
    nameOfLogin: (account: string) => login.get(account.toLowerCase()),
    isBot: (email: string) => bot.has(email),
    isBotLogin: (account: string) => botLogins.has(account.toLowerCase()),
  };
}

/**
 * Returns the login in a private e-mail address of GitHub. For any other address, returns ''. No
 * person has the login ''.
 */
const githubLogin = (email: string) =>
  /^(?:\d+\+)?([a-z0-9-]+(?:\[bot\])?)@users\.noreply\.github\.com$/.exec(email)?.[1] ?? '';
