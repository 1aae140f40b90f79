import { shownPermissions } from './roles.ts';
import type { Access } from './roles.ts';
import type { Project } from './state.ts';

const rollingRelease = {
  target: 'production',
  stages: [
    { targetPercentage: 10, requireApproval: false, duration: 10 },
    { targetPercentage: 100 },
  ],
};

/**
 * Returns the fields of a project that can prevent Vercel from promoting a deployment. These are
 * the rights of the token and the switches in the dashboard.
 */
export const allowed = (access: Access, { paused, rolling }: Project) => ({
  permissions: shownPermissions(access),
  ...(paused ? { paused } : {}),
  ...(rolling ? { rollingRelease } : {}),
});
