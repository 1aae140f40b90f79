import { decideRule } from '../domain/policy/rule.ts';
import type { Config } from '../domain/schema.ts';
import { readKeyLine } from '../activities/signatures/key-line.ts';
import { namedRevoked } from '../activities/signatures/revoked.ts';
import type { Problem } from './config-explain.ts';

/** Who may sign must be one human each, and every approval must be possible. */
export function peopleRules(config: Config): Problem[] {
  const mixed = [
    ...sameKeys(config),
    ...sameIdentities(config),
    ...botsAreNobody(config),
    ...signsNothing(config),
  ];
  return mixed.length > 0 ? mixed : [...unmeetable(config), ...nobodysRoles(config)];
}

/** Type and key without validity in front and comment behind. */
const bare = (key: string) => /(?:sk-)?(?:ssh-|ecdsa-)\S+ [A-Za-z0-9+/=]+/.exec(key)?.[0] ?? key;

const people = ({ approvers, requesters }: Config) => [
  ...Object.entries(approvers).map(([name, person]) => ({ role: 'approvers', name, person })),
  ...Object.entries(requesters).map(([name, person]) => ({ role: 'requesters', name, person })),
];

function sameKeys(config: Config): Problem[] {
  const owners = new Map<string, string>();
  return people(config).flatMap(({ role, name, person }) =>
    person.keys.flatMap((key, index) => {
      const owner = owners.get(bare(key));
      owners.set(bare(key), owner ?? `${role}.${name}`);
      if (owner === undefined) return [];
      const what =
        `This key is that of ${owner} already: one key would speak for two.\n` +
        'Make one key for each: ssh-keygen -t ed25519';
      return [{ path: [role, name, 'keys', index], what }];
    }),
  );
}

/** Whoever waits for such a person would wait for two hours and close. */
const signsNothing = (config: Config): Problem[] =>
  people(config)
    .filter(({ person }) => person.keys.every((line) => isNamed(line, config.revoked)))
    .map(({ role, name }) => ({
      path: [role, name, 'keys'],
      what:
        `Every key of ${name} is revoked: nothing that ${name} signs would count.\n` +
        'Add the .pub line of a new key (ssh-keygen -t ed25519), or remove the person.',
    }));

function isNamed(line: string, revoked: readonly string[]): boolean {
  const key = readKeyLine(line);
  return key !== null && namedRevoked(key, revoked);
}

/** An approver counted twice could be a quorum of one. */
function sameIdentities({ approvers, requesters }: Config): Problem[] {
  const owners = new Map<string, string>();
  const twice = Object.entries(approvers).flatMap(([name, { emails, github, slack }]) =>
    [...emails, ...(github ? [github] : []), ...(slack ? [slack] : [])].flatMap((identity) => {
      const owner = owners.get(identity.toLowerCase()) ?? name;
      owners.set(identity.toLowerCase(), owner);
      if (owner === name) return [];
      const what =
        `${identity} is ${owner}'s already: one person would count as two approvers.\n` +
        'Keep it with one of them.';
      return [{ path: ['approvers', name], what }];
    }),
  );
  const both = Object.keys(requesters).filter((name) => Object.hasOwn(approvers, name));
  const problem = (name: string): Problem => ({
    path: ['requesters', name],
    what: `${name} is an approver, who may request as well.\nRemove it here, or give the agent its own name.`,
  });
  return [...twice, ...both.map(problem)];
}

/** A commit of a bot has no author to exclude: an approver among the bots could approve their own work. */
function botsAreNobody({ approvers, bots }: Config): Problem[] {
  const emails = new Map(
    Object.entries(approvers).flatMap(([name, person]) =>
      person.emails.map((email) => [email.toLowerCase(), name] as const),
    ),
  );
  return bots.flatMap((bot, index) => {
    const name = emails.get(bot.toLowerCase());
    if (name === undefined) return [];
    const what = `${bot} is the approver ${name}, who could then approve their own commits.\nRemove it here.`;
    return [{ path: ['bots', index], what }];
  });
}

/** A rule that nobody can meet, whoever requests, would wait for two hours and close. */
function unmeetable(config: Config): Problem[] {
  return Object.entries(config.projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, { approvers: override }]) => {
      const asked = (requestedBy: string) => impossible(config, { name, override, requestedBy });
      const everybody = [...Object.keys(config.requesters), ...Object.keys(config.approvers)];
      const whys = (everybody.length > 0 ? everybody : ['nobody']).map(asked);
      const [why = []] = whys;
      if (whys.some((reasons) => reasons.length === 0)) return [];
      const what = `No deploy to ${name} could ever be approved: ${why.join('; ')}.`;
      return [{ path: ['projects', project, 'environments', name], what }];
    }),
  );
}

/** A role that a rule asks for and nobody has: what falls under it could never ship. */
function nobodysRoles({ approvers, projects }: Config): Problem[] {
  const known = new Set(Object.values(approvers).flatMap(({ roles = [] }) => roles));
  const asked = Object.entries(projects).flatMap(([project, { rules = [], roles = {} }]) => [
    ...rules.map(({ role }, index) => ({ role, path: [project, 'rules', index, 'role'] })),
    ...Object.entries(roles).map(([kind, role]) => ({ role, path: [project, 'roles', kind] })),
  ]);
  return asked.flatMap(({ role, path }) => {
    if (role === undefined || known.has(role)) return [];
    const what =
      `Nobody under "approvers:" has the role ${role}: what asks for it could never be approved.\n` +
      `Add "roles: [${role}]" to a person, or remove it here.`;
    return [{ path: ['projects', ...path], what }];
  });
}

function impossible(
  { approvers, requesters, bots, solo, slack }: Config,
  asked: { name: string; override: 0 | 1 | 2 | undefined; requestedBy: string },
): string[] {
  const { name: environment, override, requestedBy } = asked;
  const ordinary = { commits: [], unknownCommits: 0, firstDeploy: false, offBranch: null };
  const people = { approvers, requesters, bots, solo, requestedBy };
  const door = { slack: slack?.approvals?.suffices };
  const decided = decideRule({ ...ordinary, ...people, ...door, environment, override });
  return 'impossible' in decided ? decided.impossible : [];
}
