import type { z } from 'zod';
import type { Access, Share, Worker } from './access.ts';
import { ask, askIfThere, tryAsk } from './ask.ts';
import type { Question as Asked } from './ask.ts';
import { badToken, cloudflareFailure, isTokenCode } from './failure.ts';
import {
  AccountSubdomain,
  Deployments,
  Secrets,
  Service,
  Settings,
  Token,
  Version,
  Versions,
  WorkerSubdomain,
  ZoneRoutes,
  Zones,
} from './schemas.ts';

export type Deployment = {
  id: string;
  /** Time in ISO format. */
  createdOn: string;
  message: string | null;
  shares: Share[];
};
export type VersionFact = {
  id: string;
  number: number;
  tag: string | null;
  message: string | null;
  /** The time in ISO format. null means that Cloudflare did not report the time. */
  createdOn: string | null;
  /**
   * True if Cloudflare made this version because a person changed a secret. The code is the same as
   * in the version before.
   */
  ofSecret: boolean;
};
export type WholeVersion = VersionFact & {
  /**
   * The tag of the version's Durable Object migration. null means that the version has no
   * migration, or that Cloudflare did not report the migration.
   */
  migrationTag: string | null;
};
export type ServiceFact = {
  migrationTag: string | null;
  /**
   * The tool of the last deploy, such as "wrangler", "dash" or "api". null means that Cloudflare
   * did not report the tool.
   */
  lastDeployedFrom: string | null;
};

type Signal = AbortSignal | undefined;

/**
 * Reads the facts of one Worker. Throws a transient failure if there is no answer, or if the status
 * is 5xx or 429. For 429, the failure contains the time to wait. Throws a final failure of type
 * 'misconfigured' if the token, the account or the worker is wrong.
 */
export type CloudflareClient = ReturnType<typeof createClient>;

type Question = <T>(path: string, what: string, schema: z.ZodType<T>) => Asked<T>;
type Reads = { access: Access; name: string; question: Question };

export function createClient({ access, name }: Worker, signal?: Signal) {
  const question: Question = (path, what, schema) => {
    return { path: `/accounts/${access.account}/workers${path}`, what, schema, signal };
  };
  return {
    ...releaseReads({ access, name, question }),
    ...settingReads({ access, name, question }),
    ...zoneReads(access, signal),
    verifyToken: () => verifyToken(access, signal),
  };
}

const script = (name: string, path: string) => `/scripts/${encodeURIComponent(name)}${path}`;

const releaseReads = ({ access, name, question }: Reads) => ({
  /** Returns the deployments, newest first, or null if the worker does not exist yet. */
  deployments: async (): Promise<Deployment[] | null> => {
    const path = script(name, '/deployments');
    const asked = question(path, `the deployments of ${name}`, Deployments);
    const answer = await askIfThere(access, asked);
    return answer && newestFirst(answer.deployments.map(deploymentOf));
  },
  /** Returns at most 100 versions, newest first, or null if the worker does not exist yet. */
  versions: async (): Promise<VersionFact[] | null> => {
    const path = script(name, '/versions?deployable=true');
    const answer = await askIfThere(access, question(path, `the versions of ${name}`, Versions));
    return answer && answer.items.map(versionOf).toSorted((a, b) => b.number - a.number);
  },
  version: async (id: string): Promise<WholeVersion | null> => {
    const path = script(name, `/versions/${encodeURIComponent(id)}`);
    const answer = await askIfThere(access, question(path, `version ${id} of ${name}`, Version));
    if (!answer) return null;
    const migrationTag = answer.resources.script_runtime?.migration_tag ?? null;
    return { ...versionOf(answer), migrationTag };
  },
  /** Returns null if the worker does not exist yet. */
  service: async (): Promise<ServiceFact | null> => {
    const path = `/services/${encodeURIComponent(name)}`;
    const answer = await askIfThere(access, question(path, `the worker ${name}`, Service));
    if (!answer) return null;
    const { migration_tag: tag, last_deployed_from: from } = answer.default_environment.script;
    return { migrationTag: tag ?? null, lastDeployedFrom: from ?? null };
  },
});

const settingReads = ({ access, name, question }: Reads) => ({
  /** Returns the names of the live version's variables, secrets and other bindings. */
  bindingNames: async (): Promise<string[]> => {
    const path = script(name, '/settings');
    const answer = await ask(access, question(path, `the settings of ${name}`, Settings));
    return (answer.bindings ?? []).map((binding) => binding.name);
  },
  secretNames: async (): Promise<string[]> => {
    const path = script(name, '/secrets');
    const answer = await ask(access, question(path, `the secrets of ${name}`, Secrets));
    return answer.map((secret) => secret.name);
  },
  /**
   * Returns two facts. `enabled` is true if the worker has an address at workers.dev. `previews` is
   * true if each version has its own address.
   */
  subdomain: async () => {
    const path = script(name, '/subdomain');
    const answer = await ask(access, question(path, `the address of ${name}`, WorkerSubdomain));
    return { enabled: answer.enabled, previews: answer.previews_enabled };
  },
  /** Returns the account's name at workers.dev: `acme` in `acme.workers.dev`. */
  accountSubdomain: async (): Promise<string> => {
    const what = 'the workers.dev subdomain';
    return (await ask(access, question('/subdomain', what, AccountSubdomain))).subdomain;
  },
});

/** The reads that wrangler makes before it sets a route. */
const zoneReads = (access: Access, signal: Signal) => ({
  /** Returns null if the account has no such zone, or if the token may not see the zone. */
  zoneId: async (zone: string): Promise<string | null> => {
    const query = new URLSearchParams({ name: zone, 'account.id': access.account });
    const [found] = await ask(access, {
      ...{ path: `/zones?${query}`, what: `the zone ${zone}`, schema: Zones, signal },
      needed: ['zone'],
    });
    return found?.id ?? null;
  },
  /** Reads the routes of a zone. The caller only wants to know whether the token may read them. */
  zoneRoutes: (id: string, what: string) =>
    ask(access, {
      ...{ path: `/zones/${encodeURIComponent(id)}/workers/routes`, what, schema: ZoneRoutes },
      ...{ signal, needed: ['routes'] },
    }),
});

/**
 * Checks the token, first as a token of a person, then as a token of the account. Throws a final
 * failure of type 'misconfigured' if Cloudflare refuses both, or if the token is not active.
 */
async function verifyToken(access: Access, signal: Signal): Promise<void> {
  const what = 'the state of the token';
  for (const owner of ['/user', `/accounts/${access.account}`]) {
    const asked = { path: `${owner}/tokens/verify`, what, schema: Token, signal };
    const answer = await tryAsk(access, asked);
    if (answer.found && answer.result.status === 'active') return;
    if (answer.found)
      throw badToken(access, `anything, because the token is ${answer.result.status}`);
    const { status, codes } = answer.problem;
    const refused = status === 401 || status === 403 || status === 404 || codes.some(isTokenCode);
    if (!refused) throw cloudflareFailure(answer.problem, access, what);
  }
  throw badToken(access, 'anything');
}

const deploymentOf = (one: z.infer<typeof Deployments>['deployments'][number]): Deployment => ({
  id: one.id,
  createdOn: one.created_on,
  message: one.annotations?.['workers/message'] ?? null,
  shares: one.versions.map(({ version_id, percentage }) => ({ versionId: version_id, percentage })),
});

const newestFirst = (all: Deployment[]) =>
  all.toSorted((a, b) => Date.parse(b.createdOn) - Date.parse(a.createdOn));

const versionOf = (one: z.infer<typeof Versions>['items'][number]): VersionFact => ({
  id: one.id,
  number: one.number,
  tag: one.annotations?.['workers/tag'] ?? null,
  message: one.annotations?.['workers/message'] ?? null,
  createdOn: one.metadata?.created_on ?? null,
  ofSecret: one.annotations?.['workers/triggered_by'] === 'secret',
});
