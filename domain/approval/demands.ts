import { visible } from '../lib/visible.ts';
import { changedLines, fits, isSubmodule, namesOf, type Change, type Changes } from './changes.ts';
import { isAutomatic } from './rule.ts';
import { type Demand } from './rule-input.ts';
import { sensitive } from './sensitive.ts';

/** A rule of the configuration. Changes that match the rule need approvers. */
export type PathRule = {
  name: string;
  /** The rule applies to a change if the path matches one of these patterns. */
  paths?: readonly string[] | undefined;
  /**
   * The rule also applies if a changed line contains one of these texts. Case makes no difference.
   */
  content?: readonly string[] | undefined;
  approvers: 1 | 2;
  /** One of the approvers must have this role. */
  role?: string | undefined;
};

/** The role that each built-in kind of change requires; absent = no role. */
export type KindRoles = { [K in (typeof kinds)[keyof typeof kinds]]?: string | undefined };
const kinds = {
  'schema migrations': 'migrations',
  'payment code': 'payments',
  'secrets or their names': 'secrets',
} as const satisfies Record<keyof typeof sensitive, string>;

type Asked = {
  environment: string;
  changes: Changes;
  rules?: readonly PathRule[] | undefined;
  roles?: KindRoles | undefined;
};

/**
 * Returns the demands for approvers that the changed files cause. In an automatic environment, such
 * as staging, each demand asks for only one approver.
 */
export function demandsOf({ environment, changes, rules = [], roles = {} }: Asked): Demand[] {
  const demand = (approvers: 1 | 2, what: string, role?: string): Demand => {
    const two = approvers === 2 && !isAutomatic(environment);
    const among = role === undefined ? '' : two ? `, one of them ${role}` : ` who is ${role}`;
    const why = `${two ? 'two approvers' : 'a human'}${among}: ${what}`;
    return { required: two ? 2 : 1, why, ...(role === undefined ? {} : { role }) };
  };
  const names = Object.keys(sensitive) as (keyof typeof sensitive)[];
  const builtIn = names.map((name) => ({
    ...{ what: `the deploy changes ${name}`, approvers: 2 as const, role: roles[kinds[name]] },
    touched: sensitive[name](changes),
  }));
  const own = rules.map((rule) => ({
    ...{ what: `the rule "${rule.name}" applies`, approvers: rule.approvers, role: rule.role },
    touched: changes.files.filter((change) => falls(change, rule, changes.links)),
  }));
  const touched = [...builtIn, ...own]
    .filter((one) => one.touched.length > 0)
    .map(({ approvers, what, role, touched }) =>
      demand(approvers, `${what} (${listed(touched)})`, role),
    );
  return [...touched, ...unseen(changes).map((what) => demand(2, what))];
}

const falls = (
  change: Change,
  { paths = [], content = [] }: PathRule,
  links: Changes['links'],
): boolean => {
  const text = content.length > 0 ? changedLines(change).toLowerCase() : '';
  return (
    fits(paths, namesOf(change, links)) || content.some((part) => text.includes(part.toLowerCase()))
  );
};

function unseen({ files, unread }: Changes): string[] {
  const submodules = files.filter(({ after }) => isSubmodule(after));
  return [
    ...(submodules.length > 0
      ? [`the content of a submodule was not read (${listed(submodules)})`]
      : []),
    ...(unread === null ? [] : [unread]),
  ];
}

/**
 * Returns the first three paths and the number of further paths, such as "a.ts, b.ts, c.ts and 4
 * more".
 */
export function listed(changes: readonly Change[]): string {
  const first = changes.slice(0, 3).map(({ path }) => shortened(path));
  const more = changes.length - first.length;
  return `${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * Shortens a path to 60 characters. The end is kept, because it contains the file name. Invisible
 * characters are shown as their codes.
 */
const shortened = (path: string) => {
  const plain = visible(path);
  return plain.length > 60 ? `…${plain.slice(-59)}` : plain;
};
