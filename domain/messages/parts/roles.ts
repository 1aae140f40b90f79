import type { ApprovalRule, RoleNeeded } from '../../deploy/plan.ts';

/** Returns the required roles, such as ", one of them dba (robin)"; "" without a role. */
export const roleWords = (roles: readonly RoleNeeded[] = []): string =>
  roles.map(({ name, people }) => `, one of them ${name} (${people.join(' or ')})`).join('');

export const rolesNamed = (roles: readonly RoleNeeded[]): string =>
  roles.map(({ name }) => name).join(' and ');

/**
 * Returns " as dba" if this person has the required role dba. Returns "" if the person has no
 * required role.
 */
export const holderOf = (name: string, { roles = [] }: Pick<ApprovalRule, 'roles'>): string =>
  asRoles(roles.filter(({ people }) => people.includes(name)));

/** Returns a text such as " as dba", or "" without a role. */
export const asRoles = (roles: readonly RoleNeeded[]): string =>
  roles.length > 0 ? ` as ${rolesNamed(roles)}` : '';
