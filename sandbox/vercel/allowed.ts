import type { Site } from './site.ts';
import type { Project } from './state.ts';

const rollingRelease = {
  target: 'production',
  stages: [
    { targetPercentage: 10, requireApproval: false, duration: 10 },
    { targetPercentage: 100 },
  ],
};

/** What a promote would meet: who may, and what a person at the dashboard switched. */
export const allowed = ({ mayWrite }: Site, { paused, rolling }: Project) => ({
  permissions: { deploymentPromote: mayWrite ? ['create', 'read'] : ['read'] },
  ...(paused ? { paused } : {}),
  ...(rolling ? { rollingRelease } : {}),
});
