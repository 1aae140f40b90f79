import type { BuildEvent, Deployment } from './state.ts';

export const eventShape = (deployment: Deployment, event: BuildEvent, index: number) => ({
  type: event.type,
  created: event.at,
  payload: {
    id: `${event.at}${String(index).padStart(6, '0')}`,
    date: event.at,
    deploymentId: deployment.id,
    serial: String(index),
    text: event.text,
    info: { type: 'build', name: `bld_${deployment.id.slice(4, 12)}` },
    ...(event.statusCode === undefined ? {} : { statusCode: event.statusCode }),
  },
});
