import { decideRule } from '../../domain/approval/rule.ts';
import { withRights } from '../../domain/approval/project-rights.ts';
import type { Config } from '../../domain/config/config.ts';
import { nearest } from '../../domain/lib/nearest.ts';
import { weaknessOf } from '../../activities/approval/signatures/key-blob.ts';
import { readKeyLine, whyUnreadable } from '../../activities/approval/signatures/key-line.ts';
import { namedRevoked } from '../../activities/approval/signatures/revoked.ts';
import type { Problem } from './explain.ts';

/** Checks that no person can sign as two people, and that every deploy can be approved. */
export function peopleRules(config: Config): Problem[] {
  const bad = [...unreadableKeys(config), ...weakKeys(config)];
  if (bad.length > 0) return bad;
  const mixed = [
    ...sameKeys(config),
    ...sameIdentities(config),
    ...botsAreNobody(config),
    ...signsNothing(config),
    ...unknownProjects(config),
  ];
  return mixed.length > 0 ? mixed : [...unmeetable(config), ...nobodysRoles(config)];
}

/** Returns the type and the text of a key. Leaves out its options and its comment. */
const bare = (key: string) => /(?:sk-)?(?:ssh-|ecdsa-)\S+ [A-Za-z0-9+/=]+/.exec(key)?.[0] ?? key;

const people = ({ approvers, requesters }: Config) => [
  ...Object.entries(approvers).map(([name, person]) => ({ role: 'approvers', name, person })),
  ...Object.entries(requesters).map(([name, person]) => ({ role: 'requesters', name, person })),
];

const keyLines = (config: Config) => {
  const ofPeople = people(config).flatMap(({ role, name, person }) =>
    person.keys.map((line, index) => ({ path: [role, name, 'keys', index], line })),
  );
  const bridge = config.slack?.approvals?.publicKey;
  const path = ['slack', 'approvals', 'publicKey'];
  return bridge === undefined ? ofPeople : [...ofPeople, { path, line: bridge }];
};

/**
 * Reports keys that cannot be read. Such a key under `revoked` would revoke nothing. A key that is
 * written with another padding would count as the key of a second person.
 */
function unreadableKeys(config: Config): Problem[] {
  const revoked = config.revoked.flatMap((line, index) =>
    /^(?:SHA256:|\/)/.test(line) ? [] : [{ path: ['revoked', index], line }],
  );
  return [...keyLines(config), ...revoked].flatMap(({ path, line }) => {
    const why = whyUnreadable(line);
    if (why === null) return [];
    const what =
      `This key cannot be read: ${why}.\n` +
      'Copy the whole line of the .pub file again. To check the file: ssh-keygen -l -f KEY.pub';
    return [{ path, what }];
  });
}

/** Reports keys whose signatures never count. */
const weakKeys = (config: Config): Problem[] =>
  keyLines(config).flatMap(({ path, line }) => {
    const key = readKeyLine(line);
    const why = key && weaknessOf(Buffer.from(key.publicKey, 'base64'));
    if (!why) return [];
    const what =
      `No signature of this key would count: ${why}.\n` +
      'Make a new key, and list its .pub line here: ssh-keygen -t ed25519';
    return [{ path, what }];
  });

function sameKeys(config: Config): Problem[] {
  const owners = new Map<string, string>();
  return people(config).flatMap(({ role, name, person }) =>
    person.keys.flatMap((key, index) => {
      const owner = owners.get(bare(key));
      owners.set(bare(key), owner ?? `${role}.${name}`);
      if (owner === undefined) return [];
      const what =
        `This key already belongs to ${owner}: one key would count as two people.\n` +
        'Make a separate key for each person: ssh-keygen -t ed25519';
      return [{ path: [role, name, 'keys', index], what }];
    }),
  );
}

/**
 * Reports people whose keys are all revoked. A deploy that waits for the approval of such a person
 * would wait for two hours and close.
 */
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

/**
 * Reports approvers who share an email, a GitHub name or a Slack ID, because one person could count
 * as two approvers. Also reports approvers who are requesters.
 */
function sameIdentities({ approvers, requesters }: Config): Problem[] {
  const owners = new Map<string, string>();
  const twice = Object.entries(approvers).flatMap(([name, { emails, github, slack }]) =>
    [...emails, ...(github ? [github] : []), ...(slack ? [slack] : [])].flatMap((identity) => {
      const owner = owners.get(identity.toLowerCase()) ?? name;
      owners.set(identity.toLowerCase(), owner);
      if (owner === name) return [];
      const what =
        `${identity} already belongs to ${owner}: one person would count as two approvers.\n` +
        'Keep the identity under one of these two names.';
      return [{ path: ['approvers', name], what }];
    }),
  );
  const both = Object.keys(requesters).filter((name) => Object.hasOwn(approvers, name));
  const problem = (name: string): Problem => ({
    path: ['requesters', name],
    what: `${name} is an approver, and approvers may request deploys too.\nRemove this entry, or give the agent a name of its own.`,
  });
  return [...twice, ...both.map(problem)];
}

/**
 * Reports approvers whose email is listed under `bots`. Plimsoll would treat the commits of such an
 * approver as commits of a bot. So the approver could approve their own commits.
 */
function botsAreNobody({ approvers, bots }: Config): Problem[] {
  const emails = new Map(
    Object.entries(approvers).flatMap(([name, person]) =>
      person.emails.map((email) => [email.toLowerCase(), name] as const),
    ),
  );
  return bots.flatMap((bot, index) => {
    const name = emails.get(bot.toLowerCase());
    if (name === undefined) return [];
    const what = `${bot} is the email of the approver ${name}, who could then approve their own commits.\nRemove the email here.`;
    return [{ path: ['bots', index], what }];
  });
}

/**
 * Reports environments in which nobody can approve any deploy. A deploy to such an environment
 * would wait for two hours and close.
 */
function unmeetable(config: Config): Problem[] {
  return Object.entries(config.projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, { approvers: override }]) => {
      const asked = (requestedBy: string) =>
        impossible(config, { project, name, override, requestedBy });
      const everybody = [config.requesters, config.approvers].flatMap((some) =>
        Object.keys(withRights(some, project)),
      );
      const whys = (everybody.length > 0 ? everybody : ['nobody']).map(asked);
      const [why = []] = whys;
      if (whys.some((reasons) => reasons.length === 0)) return [];
      const what = `No deploy to ${name} could ever be approved: ${why.join('; ')}.`;
      return [{ path: ['projects', project, 'environments', name], what }];
    }),
  );
}

/** Reports people with rights in a project that does not exist. */
function unknownProjects(config: Config): Problem[] {
  const names = Object.keys(config.projects);
  return people(config).flatMap(({ role, name, person: { projects = [] } }) =>
    projects.flatMap((project, index) => {
      if (names.includes(project)) return [];
      const meant = nearest(project, names);
      const what =
        `There is no project "${project}".${meant ? ` Did you mean "${meant}"?` : ''}\n` +
        `Configured: ${names.join(', ') || 'none'}.`;
      return [{ path: [role, name, 'projects', index], what }];
    }),
  );
}

/** Reports roles that no approver has. A change that needs such a role could never be approved. */
function nobodysRoles({ approvers, projects }: Config): Problem[] {
  const asked = Object.entries(projects).flatMap(([project, { rules = [], roles = {} }]) => {
    const people = Object.values(withRights(approvers, project));
    const known = new Set(people.flatMap(({ roles: has = [] }) => has));
    return [
      ...rules.map(({ role }, index) => ({ known, role, path: [project, 'rules', index, 'role'] })),
      ...Object.entries(roles).map(([kind, role]) => ({
        ...{ known, role, path: [project, 'roles', kind] },
      })),
    ];
  });
  return asked.flatMap(({ known, role, path }) => {
    if (role === undefined || known.has(role)) return [];
    const what =
      `Nobody under "approvers:" has the role ${role}: a change that needs this role could never be approved.\n` +
      `Add "roles: [${role}]" to a person, or remove the role here.`;
    return [{ path: ['projects', ...path], what }];
  });
}

function impossible(
  { approvers, requesters, bots, solo, slack }: Config,
  asked: { project: string; name: string; override: 0 | 1 | 2 | undefined; requestedBy: string },
): string[] {
  const { project, name: environment, override, requestedBy } = asked;
  const ordinary = { commits: [], unknownCommits: 0, firstDeploy: false, offBranch: null };
  const people = { project, approvers, requesters, bots, solo, requestedBy };
  const door = { slack: slack?.approvals?.suffices };
  const decided = decideRule({ ...ordinary, ...people, ...door, environment, override });
  return 'impossible' in decided ? decided.impossible : [];
}
