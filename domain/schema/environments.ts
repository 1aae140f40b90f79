import { z } from 'zod';
import { Cost } from './budget.ts';
import { Compose, VpsHost } from './hosts.ts';
import { AbsolutePath, HttpUrl, Name, RepositoryPath, SecretRef, UrlPath } from './words.ts';

const SmokePath = z.union([UrlPath, z.string().regex(/^n\/a: \S.*$/)], {
  error:
    'use a path of the same site, such as /healthz, or "n/a: reason" if there is nothing to test',
});

/** The critical paths. Each must be there, or say why it is not. */
export const Smoke = z.strictObject({ auth: SmokePath, payments: SmokePath, core: SmokePath });

const Watch = z.strictObject({
  onAsk: z.enum(['keep', 'restore']).default('keep'),
  /** Lines of the service's access log that count as requests; without it seconds observed are the denominator. */
  accessLog: z.string().optional(),
  /** Whether a pass needs what a source says. Probes are always required. */
  sources: z
    .strictObject({
      probes: z.literal('required').optional(),
      'error-log': z.enum(['required', 'advisory']).optional(),
    })
    .optional(),
});

/** What every environment has, wherever it runs. */
const common = {
  requiredVariables: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'use the name of a variable'))
    .default([]),
  /** A file of the commit such as .env.example: every name in it is required as well. */
  variablesFile: RepositoryPath.optional(),
  approvers: z.literal([0, 1, 2]).optional(),
  /** What a deploy costs; a budget needs it, and it needs a budget. */
  cost: Cost.optional(),
  /** Another environment of the project, in which a commit must have succeeded before it comes here. */
  after: Name.optional(),
  /** A deploy by itself when the project's branch moves. */
  deployOn: z.literal('push').optional(),
  /** How often the branch is looked at; default 2. */
  pollMinutes: z.number().int().min(1).max(60).optional(),
  /** off: what is served is not compared with what was shipped. */
  sentinel: z.literal('off').optional(),
  smoke: Smoke,
  watch: Watch.default({ onAsk: 'keep' }),
  /** Services that this one cannot work without; asked before the watch goes back. */
  dependencies: z.array(HttpUrl).max(8).default([]),
};

export const Vps = z.strictObject({
  platform: z.literal('vps'),
  hosts: z.array(VpsHost).min(1),
  /** Path of the private key on the worker's machine; absent = the ssh agent. */
  identity: z.string().optional(),
  directory: AbsolutePath,
  /** Exactly one of service, container and compose says how it runs. */
  service: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9@._-]*$/, 'use a systemd unit name')
    .optional(),
  container: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'use the name of a container')
    .optional(),
  compose: Compose.optional(),
  /** in-place: the directory itself is a git checkout, and the commit is checked out there. */
  checkout: z.enum(['releases', 'in-place']).default('releases'),
  /** Less than this many megabytes free below the directory closes the platform gate. */
  minimumFreeMb: z.number().int().min(0).optional(),
  sudo: z.boolean().default(true),
  /** Run in the release's directory before it may go live; bounded by prepareMinutes. */
  prepare: z.string().optional(),
  prepareMinutes: z.number().int().min(1).max(60).default(10),
  /** Asked on the host itself. */
  health: HttpUrl,
  /** A path on `url` whose body contains the served commit. */
  version: UrlPath.optional(),
  /** A path on `url` that answers JSON {"at": ISO time}; must be younger than 30 s. */
  heartbeat: UrlPath.optional(),
  environmentFile: AbsolutePath.optional(),
  ...common,
});

const NorthflankId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use the id in the address of its page, such as my-service');

export const Northflank = z.strictObject({
  platform: z.literal('northflank'),
  project: NorthflankId,
  service: NorthflankId,
  /** Of a token that belongs to an organisation. */
  team: NorthflankId.optional(),
  api: HttpUrl.default('https://api.northflank.com'),
  token: SecretRef.default('env:NORTHFLANK_TOKEN'),
  /** The service as the outside world sees it; the smoke paths are probed on the same origin. */
  url: HttpUrl,
  /** Inside the container. */
  port: z.number().int().min(1).max(65535).default(18789),
  health: UrlPath,
  version: UrlPath.optional(),
  ...common,
});

/** One project at Vercel, released by promoting what it built from the branch. */
export const Vercel = z.strictObject({
  platform: z.literal('vercel'),
  project: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'use the name of the project, or its id prj_…'),
  /** Of a project that belongs to a team: its slug, or team_… */
  team: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'use the slug of the team, or team_…')
    .optional(),
  token: SecretRef.default('env:VERCEL_TOKEN'),
  /** Opens the addresses of single deployments where they are protected. */
  bypass: SecretRef.optional(),
  api: HttpUrl.default('https://api.vercel.com'),
  /** A production domain of the project; the smoke paths are probed on the same origin. */
  url: HttpUrl,
  health: UrlPath.default('/'),
  version: UrlPath.optional(),
  ...common,
});

/** One Worker at Cloudflare, deployed by wrangler from a directory of the commit. */
export const Cloudflare = z.strictObject({
  platform: z.literal('cloudflare'),
  account: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'use the 32 digits of the account id: npx wrangler whoami'),
  worker: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'use the name of the worker, such as my-worker'),
  /** Where wrangler's configuration lies in the repository; absent = its root. */
  directory: RepositoryPath.optional(),
  /** wrangler's --env, where its configuration has several. */
  env: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "use the name of an environment in wrangler's file")
    .optional(),
  /** gradual: 10 %, then all. */
  rollout: z.enum(['all-at-once', 'gradual']).default('all-at-once'),
  token: SecretRef.default('env:CLOUDFLARE_API_TOKEN'),
  api: HttpUrl.default('https://api.cloudflare.com/client/v4'),
  /** Production; the smoke paths are probed on the same origin. */
  url: HttpUrl,
  /** The address of one version, {version} being the first 8 digits of its id; absent = workers.dev. */
  preview: z
    .string()
    .regex(
      /^https?:\/\/\{version\}[A-Za-z0-9.-]*(:\d{1,5})?$/,
      'use an address such as https://{version}-my-worker.example.workers.dev',
    )
    .optional(),
  health: UrlPath,
  version: UrlPath.optional(),
  /** npm's settings for `npm ci`, on the worker's machine; absent = only what the commit brings. */
  npmrc: AbsolutePath.optional(),
  ...common,
});

export const Environment = z.discriminatedUnion('platform', [Vps, Northflank, Vercel, Cloudflare]);
