import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { listen, shut, vercelError } from './deployment-site.ts';
import type { Traffic } from './signals.ts';
import type { Project } from './state.ts';

/**
 * Opens a production domain on its own port. Requests go to the deployment that the domain points
 * to, without a login page.
 */
export async function openDomain(project: () => Project, traffic: Traffic) {
  let host = '';
  const server: Server = createServer((call, response) => {
    const { aliases, deployments } = project();
    response.once('finish', () => traffic.add(project(), response.statusCode, 'production'));
    const target = aliases.find(({ domain }) => domain === host)?.deploymentId;
    const deployment = deployments.find(({ id }) => id === target);
    if (deployment) void deployment.site.answer(call, response, host);
    else vercelError(response, 404, 'DEPLOYMENT_NOT_FOUND');
  });
  host = `127.0.0.1:${await listen(server)}`;
  return { host, close: () => shut(server) };
}
export type Domain = Awaited<ReturnType<typeof openDomain>>;
