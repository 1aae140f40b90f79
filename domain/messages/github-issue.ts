import type { Plan } from '../deploy/plan.ts';

/** Returns the comment on an issue that a proven release closes. */
export const shippedComment = ({ project, environment, sha }: Plan) =>
  `Deployed to ${environment} of ${project} with ${sha.slice(0, 7)}. The watch proved the ` +
  'release healthy.';

/** Returns the comment on an issue that is reopened after a rollback. */
export const reopenedComment = ({ project, environment, sha }: Plan) =>
  `Reopened: ${sha.slice(0, 7)} was rolled back in ${environment} of ${project}, so the fix ` +
  'for this issue is no longer live.';
