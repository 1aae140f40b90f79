import type { Permission } from '../../../../domain/platforms/northflank/permissions.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
/** `path` is relative to the service, or to the project if it begins with "services/". */
type CallForm = { method: Method; path: string; permission: Permission };

/** Every call about a service, with the permission that it needs. */
export const calls = {
  service: { method: 'GET', path: '', permission: 'read' },
  builds: { method: 'GET', path: '/build', permission: 'read' },
  build: { method: 'GET', path: '/build/{build}', permission: 'read' },
  healthChecks: { method: 'GET', path: '/health-checks', permission: 'read' },
  gradualRollout: { method: 'GET', path: '/rollout', permission: 'read' },
  deployment: { method: 'GET', path: '/deployment', permission: 'instances' },
  containers: { method: 'GET', path: '/containers', permission: 'instances' },
  logs: { method: 'GET', path: '/logs', permission: 'logs' },
  buildLogs: { method: 'GET', path: '/build-logs', permission: 'logs' },
  variables: { method: 'GET', path: '/runtime-environment', permission: 'variables' },
  startBuild: { method: 'POST', path: '/build', permission: 'build' },
  abortBuild: { method: 'DELETE', path: '/build/{build}', permission: 'build' },
  patchDeployment: {
    method: 'PATCH',
    path: 'services/deployment/{service}',
    permission: 'update',
  },
  updateDeployment: { method: 'POST', path: '/deployment', permission: 'deploy' },
} as const satisfies Record<string, CallForm>;
export type CallName = keyof typeof calls;
