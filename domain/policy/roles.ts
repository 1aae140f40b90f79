import type { ApprovalRule, RoleNeeded } from '../plan.ts';
import type { Human } from './authorship.ts';
import type { Demand } from './rule.ts';

type Asked = {
  demands?: readonly Demand[];
  approvers: Readonly<Record<string, Human>>;
};

/** Each role that is asked for, and who has it: nobody, where nobody has. */
export function rolesAsked({ demands = [], approvers }: Asked, humans: readonly string[]) {
  const names = demands.flatMap(({ role }) => (role === undefined ? [] : [role]));
  const roles = [...new Set(names)].toSorted().map((name) => ({
    name,
    people: humans.filter((human) => approvers[human]?.roles?.includes(name)),
  }));
  return roles.length > 0 ? { roles } : {};
}

/** Why a rule can never be met: nobody has what it asks for. */
export function roleOfNobody(
  { roles = [] }: Pick<ApprovalRule, 'roles'>,
  demands: readonly Demand[],
): string[] | null {
  const role = roles.find(({ people }) => people.length === 0)?.name;
  if (role === undefined) return null;
  const remedy = `add "roles: [${role}]" to a person under "approvers:"`;
  const asking = demands.filter((demand) => demand.role === role).map(({ why }) => why);
  return [`the role ${role} is needed and nobody has it: ${remedy}`, ...asking];
}

/** Roles that none of these people has. */
export const rolesMissing = (
  names: readonly string[],
  { roles = [] }: Pick<ApprovalRule, 'roles'>,
): RoleNeeded[] => roles.filter(({ people }) => !names.some((name) => people.includes(name)));

/** ", one of them dba (robin)". */
export const roleWords = (roles: readonly RoleNeeded[] = []): string =>
  roles.map(({ name, people }) => `, one of them ${name} (${people.join(' or ')})`).join('');

export const rolesNamed = (roles: readonly RoleNeeded[]): string =>
  roles.map(({ name }) => name).join(' and ');

/** " as dba", where that was asked for. */
export const holderOf = (name: string, { roles = [] }: Pick<ApprovalRule, 'roles'>): string =>
  asRoles(roles.filter(({ people }) => people.includes(name)));

/** " as dba". */
export const asRoles = (roles: readonly RoleNeeded[]): string =>
  roles.length > 0 ? ` as ${rolesNamed(roles)}` : '';
