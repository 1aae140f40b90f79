import type { Site } from './site.ts';
import type { Deployment, Project } from './state.ts';

export type EventName =
  | 'deployment.created'
  | 'deployment.succeeded'
  | 'deployment.ready'
  | 'deployment.error'
  | 'deployment.canceled'
  | 'deployment.blocked'
  | 'deployment.promoted'
  | 'deployment.rollback';

export const sendEvent = (
  { webhooks, team, user, url }: Site,
  project: Project,
  { id, meta, site, production }: Deployment,
  type: EventName,
) =>
  webhooks.tell({
    type,
    payload: {
      team: { id: team.id },
      user: { id: user.uid },
      deployment: { id, meta, url: site.host, name: project.name },
      links: { deployment: `${url}/${project.name}/${id}`, project: `${url}/${project.name}` },
      target: production ? 'production' : null,
      project: { id: project.id },
      plan: project.plan,
      regions: ['iad1'],
    },
  });
