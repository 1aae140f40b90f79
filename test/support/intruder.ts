import type { Fleet } from '../../sandbox/fleet/fleet.ts';

type Asked = { address: string | undefined; token: string | undefined };

/** Calls the platform as a person who has its token but does not use Plimsoll. */
async function ask<T>({ address, token }: Asked, path: string, body?: unknown): Promise<T> {
  const reply = await fetch(`${address}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}

export function atVercel({ sandbox: { vercel, tokens } }: Fleet, project: string) {
  const asked = { address: vercel?.address, token: tokens.vercel };
  const team = `slug=${vercel?.team.slug}`;
  type Project = { id: string; link: { repoId: number } };
  const found = () => ask<Project>(asked, `/v9/projects/${project}?${team}`);
  return {
    /** Creates a production build of `sha` with any `meta`. Returns the id of the build. */
    async create(sha: string, meta: Record<string, string>): Promise<string> {
      const { repoId } = (await found()).link;
      const gitSource = { type: 'github', repoId, ref: 'main', sha };
      const body = { name: project, project, target: 'production', gitSource, meta };
      return (await ask<{ id: string }>(asked, `/v13/deployments?${team}`, body)).id;
    },
    /** Makes the build `id` live. */
    async deployRelease(id: string) {
      return ask(asked, `/v10/projects/${(await found()).id}/promote/${id}?${team}`, {});
    },
  };
}

export function atNorthflank({ sandbox: { northflank, tokens } }: Fleet, service: string) {
  const asked = { address: northflank?.address, token: tokens.northflank };
  const path = `/v1/projects/openclaw/services/${service}/deployment`;
  return {
    path,
    deployRelease: (buildId: string) => ask(asked, path, { internal: { id: service, buildId } }),
  };
}
