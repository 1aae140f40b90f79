import { changedLines, fits, isSubmodule, namesOf, type Change, type Changes } from './changes.ts';
import { isAutomatic, type Demand } from './rule.ts';
import { sensitive } from './sensitive.ts';

/** Of the configuration: what else of this project needs people. */
export type PathRule = {
  name: string;
  paths?: readonly string[] | undefined;
  /** Texts of which a changed line has one, in any case. */
  content?: readonly string[] | undefined;
  approvers: 1 | 2;
  /** One of them must have it. */
  role?: string | undefined;
};

/** Roles that the built-in kinds ask for. */
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

/** Who must look at what the commits change. An automatic environment asks for one person only. */
export function demandsOf({ environment, changes, rules = [], roles = {} }: Asked): Demand[] {
  const demand = (approvers: 1 | 2, what: string, role?: string): Demand => {
    const two = approvers === 2 && !isAutomatic(environment);
    const among = role === undefined ? '' : two ? `, one of them ${role}` : ` who is ${role}`;
    const why = `${two ? 'two approvers' : 'a human'}${among}: ${what}`;
    return { required: two ? 2 : 1, why, ...(role === undefined ? {} : { role }) };
  };
  const names = Object.keys(sensitive) as (keyof typeof sensitive)[];
  const builtIn = names.map((name) => ({
    ...{ what: `it changes ${name}`, approvers: 2 as const, role: roles[kinds[name]] },
    touched: sensitive[name](changes),
  }));
  const own = rules.map((rule) => ({
    ...{ what: `the rule "${rule.name}"`, approvers: rule.approvers, role: rule.role },
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
      ? [`nobody read what a submodule brings (${listed(submodules)})`]
      : []),
    ...(unread === null ? [] : [unread]),
  ];
}

/** The first few by name. */
export function listed(changes: readonly Change[]): string {
  const first = changes.slice(0, 3).map(({ path }) => shortened(path));
  const more = changes.length - first.length;
  return `${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Its end tells more than its beginning, and control characters tell nothing. */
const shortened = (path: string) => {
  // oxlint-disable-next-line no-control-regex
  const plain = path.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  return plain.length > 60 ? `…${plain.slice(-59)}` : plain;
};
