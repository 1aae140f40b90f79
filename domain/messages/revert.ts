import type { Plan } from '../deploy/plan.ts';
import { short } from './parts/served.ts';

// The texts below are notes about the branch after a rollback, for the incident and the ledger.

export const revertedBy = (sha: string) => `reverted by ${short(sha)}`;

export const revertIsOff = ({ branch, sha }: Plan) =>
  `not reverted (revert: off): ${branch} still contains ${short(sha)}`;

export const onlySettings = ({ sha }: Plan) =>
  `nothing to revert: production rolled back to the same commit ${short(sha)}; only the ` +
  'settings differed';

export const sameContent = ({ branch }: Plan) =>
  `nothing to revert: ${branch} already has that content`;

export const notOnBranch = ({ branch, sha }: Plan) =>
  `nothing to revert: ${short(sha)} is not on ${branch}`;

export const rollbackTargetIsNewer = (rolledBackTo: string) =>
  `nothing to revert: ${short(rolledBackTo)} is the newer commit`;
