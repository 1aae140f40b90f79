import type { ApprovalRule, RoleNeeded } from '../deploy/plan.ts';
import type { Human } from './authorship.ts';
import type { Demand } from './rule-input.ts';

type Asked = {
  demands?: readonly Demand[];
  approvers: Readonly<Record<string, Human>>;
};

/**
 * Returns each required role with the people who have the role. The list of people may be empty.
 */
export function rolesAsked({ demands = [], approvers }: Asked, humans: readonly string[]) {
  const names = demands.flatMap(({ role }) => (role === undefined ? [] : [role]));
  const roles = [...new Set(names)].toSorted().map((name) => ({
    name,
    people: humans.filter((human) => approvers[human]?.roles?.includes(name)),
  }));
  return roles.length > 0 ? { roles } : {};
}

/**
 * Returns the reasons why nobody can meet the rule. A reason is a required role that no person has.
 * null: for each required role, there is a person with this role.
 */
export function roleOfNobody(
  { roles = [] }: Pick<ApprovalRule, 'roles'>,
  demands: readonly Demand[],
): string[] | null {
  const role = roles.find(({ people }) => people.length === 0)?.name;
  if (role === undefined) return null;
  const remedy = `add "roles: [${role}]" to a person under "approvers:"`;
  const asking = demands.filter((demand) => demand.role === role).map(({ why }) => why);
  return [`the role ${role} is required and nobody has it: ${remedy}`, ...asking];
}

/** Returns the required roles that none of these people has. */
export const rolesMissing = (
  names: readonly string[],
  { roles = [] }: Pick<ApprovalRule, 'roles'>,
): RoleNeeded[] => roles.filter(({ people }) => !names.some((name) => people.includes(name)));
