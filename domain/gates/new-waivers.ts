import type { GateReport } from '../deploy/plan.ts';

/**
 * Compares the reports of a recheck with the sealed reports. Returns a reason for each gate that is
 * open only because of a waiver that the approvers of the plan did not see.
 */
export function newWaivers(sealed: readonly GateReport[], again: readonly GateReport[]): string[] {
  return again.flatMap(({ gate, waivers = [] }) => {
    const known = sealed.find((one) => one.gate === gate)?.waivers ?? [];
    const added = waivers.filter((id) => !known.includes(id));
    if (added.length === 0) return [];
    const ids = added.slice(0, 3).join(', ');
    return [
      `${gate}: ${added.length > 3 ? `${ids} and ${added.length - 3} more` : ids}: waived after ` +
        'the plan was made, so the approvers did not see the waiver; deploy again',
    ];
  });
}
