import { fields, ok, onWorker, route } from './routes.ts';
import type { Request, Route } from './routes.ts';
import type { Worker } from './state.ts';

const given = ({ call }: Request, { subdomain }: Worker) => {
  const { enabled, previews_enabled: previews } = fields(call);
  const next = enabled === true;
  return {
    enabled: next,
    previews_enabled: typeof previews === 'boolean' ? previews : next || subdomain.previews_enabled,
  };
};

/**
 * Returns the addresses of a worker. At Cloudflare, `account.subdomain` is a name such as
 * acme.workers.dev. In the sandbox it is localhost with a port.
 */
const shape = ({ account }: Request, { name, subdomain }: Worker) => ({
  ...subdomain,
  url: `https://${name}.${account.subdomain}`,
  preview_url_suffix: `-${name}.${account.subdomain}`,
});

export const subdomainRoutes: Route[] = [
  route('GET /workers/subdomain', ({ account }) => ({
    read: () => ok({ subdomain: account.subdomain.replace(/\.workers\.dev$/, '') }),
  })),
  route(
    'GET /workers/workers/{name}',
    onWorker((request, worker) => ({
      read: () =>
        ok({
          id: worker.tag,
          name: worker.name,
          subdomain: shape(request, worker),
          tags: worker.tags,
        }),
    })),
  ),
  route(
    'GET /workers/scripts/{name}/subdomain',
    onWorker((_, { subdomain }) => ({ read: () => ok(subdomain) })),
  ),
  route(
    'POST /workers/scripts/{name}/subdomain',
    onWorker((request, worker) => ({
      act: () => {
        worker.subdomain = given(request, worker);
        request.account.board.count('cloudflare', 'setSubdomain', worker.name);
        return ok(worker.subdomain);
      },
    })),
  ),
];
