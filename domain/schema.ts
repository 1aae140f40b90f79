import { z } from 'zod';
import { freezeMoment, isTimeZone } from './policy/freeze.ts';

/** Names become workflow ids, file names and remote arguments: letters, digits, dot, dash, underscore. */
const Name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'use letters, digits, ".", "_" or "-", at most 63');
const Email = z.email();
const HttpUrl = z.url({ protocol: /^https?$/, error: 'use an http:// or https:// address' });
/** A reference to a secret, resolved inside the worker and never written to a history. */
const SecretRef = z
  .string()
  .regex(/^env:[A-Z][A-Z0-9_]*$/, 'use env:NAME, never the secret itself');
const ListenAddress = z
  .string()
  .regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'use host:port, such as 127.0.0.1:8480');
const AbsolutePath = z
  .string()
  .regex(/^\/[A-Za-z0-9/._@-]*$/, 'use an absolute path without spaces');
const Fingerprint = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'use the SHA256:… that ssh-keygen -lf prints');
const PublicKey = z
  .string()
  .regex(
    /^(valid-(after|before)="\d{8}(\d{4}(\d{2})?)?Z?"[, ]){0,2}(sk-)?(ssh-ed25519|ecdsa-sha2-nistp256|ssh-rsa)(@openssh\.com)? [A-Za-z0-9+/=]+( .*)?$/,
    'use one line of an OpenSSH .pub file, optionally after valid-after="YYYYMMDD",valid-before="YYYYMMDD"',
  );

const moment = z
  .string()
  .regex(freezeMoment, 'use a day of the week, "fri 16:00", or a date, "2026-12-24 12:00"');
const TimeZone = z.string().refine(isTimeZone, {
  error: 'use a name of the time zone database, such as Europe/Berlin',
});
/** No deploy begins in it, or shortly before. */
const Freeze = z
  .strictObject({
    name: z.string().min(1).max(60),
    from: moment,
    to: moment,
    timeZone: TimeZone,
    environments: z.array(Name).min(1).optional(),
  })
  .refine(({ from, to }) => /^\d/.test(from) === /^\d/.test(to), {
    error: 'from and to are both days of the week, or both dates',
    path: ['to'],
  })
  .refine(({ from, to }) => !/^\d/.test(from) || from < to, {
    error: 'it ends before it begins',
    path: ['to'],
  });

/** Somebody who may request; under `approvers` also somebody who may approve. */
const Person = z.strictObject({
  keys: z.array(PublicKey).min(1),
  emails: z.array(Email).default([]),
  github: z.string().optional(),
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]+$/, 'use the member id, such as U012ABCDEF')
    .optional(),
});

/** Never `//host` or `/\host`, which an URL parser takes for another origin. */
const UrlPath = z
  .string()
  .regex(/^\/(?![/\\])[^\s\\]*$/, 'use a path of the same site, such as /healthz');
const SmokePath = z.union([UrlPath, z.string().regex(/^n\/a: \S.*$/)], {
  error:
    'use a path of the same site, such as /healthz, or "n/a: reason" if there is nothing to test',
});
/** The critical paths of the seed. Each must be there, or say why it is not. */
const Smoke = z.strictObject({ auth: SmokePath, payments: SmokePath, core: SmokePath });

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
  approvers: z.literal([0, 1, 2]).optional(),
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

const VpsHost = z.strictObject({
  address: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_-]*@[A-Za-z0-9.:[\]-]+$/, 'use user@host or user@host:port'),
  hostKey: Fingerprint,
  /** Health as the outside world sees this host; the smoke paths are probed on the same origin. */
  url: HttpUrl,
  /** Only where this host differs from the environment. */
  directory: AbsolutePath.optional(),
  health: HttpUrl.optional(),
});

/** A service of a compose file whose image is tagged by a variable: image: example/shop:${IMAGE_TAG} */
const Compose = z.strictObject({
  service: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'use the name of a service in the compose file'),
  file: z
    .string()
    .regex(/^(?!\/)(?!.*\.\.)[A-Za-z0-9/._-]+$/, 'use a path below the repository')
    .default('compose.yaml'),
  /** As docker compose -p; default: the name of the directory. */
  project: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]*$/, 'use lower case letters, digits, "_" or "-"')
    .optional(),
  tag: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'use the name of a variable')
    .default('IMAGE_TAG'),
});

const Vps = z.strictObject({
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

const Northflank = z.strictObject({
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
const Vercel = z.strictObject({
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

/** As git keeps it: no leading or trailing slash, no "." or "..", nothing that git reads as a pattern. */
const RepositoryPath = z
  .string()
  .max(200)
  .regex(
    /^(?!.*(?:^|\/)(?:\.{1,2}|\.git)(?:\/|$))[^/\s:*?[\]\\]+(?:\/[^/\s:*?[\]\\]+)*$/,
    'use a path inside the repository, such as apps/shop',
  );

/** One Worker at Cloudflare, deployed by wrangler from a directory of the commit. */
const Cloudflare = z.strictObject({
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

/** Both are tried; one that answers is enough. */
const Pager = z
  .strictObject({
    /** Gets a POST: an ntfy topic, or anything that reads text and the header X-Title. */
    webhook: z
      .union([HttpUrl, SecretRef], { error: 'use an http(s):// address, or env:NAME to hide it' })
      .optional(),
    smtp: z
      .strictObject({
        host: z.string().regex(/^[A-Za-z0-9.:-]+$/, 'use the name or address of a mail server'),
        port: z.number().int().min(1).max(65535).default(587),
        /** True: TLS from the first byte (465). False: STARTTLS, required beyond this machine. */
        secure: z.boolean().default(false),
        user: z.string().optional(),
        password: SecretRef.optional(),
        from: Email,
        to: z.array(Email).min(1),
      })
      .optional(),
  })
  .refine(({ webhook, smtp }) => webhook !== undefined || smtp !== undefined, {
    error: 'name at least one way to call a person: webhook or smtp',
  });

const Tests = z
  .strictObject({
    /** Beside what rulesets and branch protection require. */
    required: z.array(z.string().min(1)).default([]),
    /** A file in the tree of the SHA, or absent where checks alone decide. */
    junit: z.string().optional(),
    /** Or the name of an artifact that Actions made of the SHA, a zip of *.xml. */
    artifact: z.string().min(1).max(200).optional(),
    critical: z.array(z.string()).default([]),
    minimumTests: z.number().int().min(0).default(0),
  })
  .refine(({ junit, artifact }) => junit === undefined || artifact === undefined, {
    error: 'name junit or artifact, not both',
  });

/** What the secrets gate may overlook: a value that is nobody's secret, or one that was revoked. */
const Secrets = z.strictObject({
  allow: z
    .array(
      z.strictObject({
        fingerprint: z.string().regex(/^[0-9a-f]{16}$/, 'use the 16 digits that the gate prints'),
        reason: z.string().min(1).max(200),
        /** The last day on which it counts, UTC. */
        until: z.iso.date({ error: 'use a day, such as 2027-01-31' }),
      }),
    )
    .max(100)
    .default([]),
});

const AuditFile = z.union([AbsolutePath, RepositoryPath], {
  error: "use a path inside the repository, or an absolute one on the worker's machine",
});

/** Sources of findings; every one of them must speak. */
const Audit = z
  .strictObject({
    /** Folders that hold package.json and a lock file; "." = the root. */
    npm: z
      .array(z.union([z.literal('.'), RepositoryPath]))
      .min(1)
      .max(10)
      .optional(),
    pipAudit: z.array(AuditFile).min(1).max(10).optional(),
    reports: z.array(AuditFile).min(1).max(10).optional(),
    sarif: z.array(AuditFile).min(1).max(10).optional(),
    github: z
      .array(z.enum(['code-scanning', 'dependabot', 'secret-scanning']))
      .min(1)
      .max(3)
      .optional(),
    /** Findings at least this bad close the gate. */
    threshold: z.enum(['critical', 'high', 'moderate', 'low']).default('high'),
    /** Of another commit a file counts only while it is this young. */
    maxAgeDays: z.number().int().min(1).max(90).default(7),
  })
  .refine(
    ({ npm, pipAudit, reports, sarif, github }) =>
      [npm, pipAudit, reports, sarif, github].some((one) => one !== undefined),
    { error: 'name at least one source: npm, pipAudit, reports, sarif or github' },
  );

const Project = z.strictObject({
  repository: z.union([HttpUrl, z.string().regex(/^(ssh:\/\/)?[a-z]+@[A-Za-z0-9.-]+[:/]\S+$/)], {
    error: 'use https://host/path or git@host:path',
  }),
  /** owner/name at GitHub; checks, issues and statuses live there. */
  github: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, 'use owner/name')
    .optional(),
  branch: z
    .string()
    .regex(/^[A-Za-z0-9][\w./-]*$/, 'use the name of a branch')
    .default('main'),
  revert: z.enum(['push', 'pull-request', 'off']).default('push'),
  /** What of the repository is this project's; absent = all of it. */
  paths: z.array(RepositoryPath).min(1).max(20).optional(),
  tests: Tests,
  secrets: Secrets.optional(),
  audit: Audit.optional(),
  environments: z.record(Name, Environment),
});

export const Config = z.strictObject({
  /** Scales time only; legal only if every endpoint is loopback. */
  sandbox: z.boolean().default(false),
  timeScale: z.number().min(1).max(1000).default(1),
  /** Path of the SQLite file; default: the user's data directory. */
  ledger: z.string().optional(),
  github: z
    .strictObject({ api: HttpUrl.default('https://api.github.com'), token: SecretRef })
    .optional(),
  slack: z
    .strictObject({
      api: HttpUrl.default('https://slack.com/api/'),
      token: SecretRef,
      deployments: z.string().default('#deployments'),
      incidents: z.string().default('#incidents'),
    })
    .optional(),
  /** How a person is called when a deploy needs one; independent of Slack. */
  page: Pager.optional(),
  /** Windows in which nothing is shipped; going back is always allowed. */
  freeze: z.array(Freeze).default([]),
  /** Webhooks of platforms, heard by the worker: they only make it look at once. */
  hints: z
    .strictObject({
      listen: ListenAddress,
      vercel: SecretRef.optional(),
      northflank: SecretRef.optional(),
    })
    .optional(),
  /** Where people open Temporal's Web UI: the link in GitHub's deployment statuses. */
  webUi: HttpUrl.optional(),
  approvers: z.record(Name, Person),
  /** Agents and CI: they request, they never approve. */
  requesters: z.record(Name, Person).default({}),
  /** Who asks for the deploys of `deployOn: push`, with a key that lies on the worker's machine. */
  requests: z.strictObject({ as: Name, key: AbsolutePath }).optional(),
  bots: z.array(Email).default([]),
  /** One human alone: 'file-key' lets an ordinary key approve after typing the short digest. */
  solo: z.enum(['off', 'touch-key', 'file-key']).default('off'),
  projects: z.record(Name, Project),
});

export const DeployRequest = z.strictObject({
  project: Name,
  environment: Name,
  ref: z.string().min(1).max(255),
  requestedBy: Name,
  reason: z.string().min(1).max(500),
  priority: z.enum(['normal', 'P0']),
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  requestedAt: z.iso.datetime(),
  /** Replace what waits, also where its commit is not contained in this one. */
  supersede: z.literal(true).optional(),
  /** Which release is made live if this deploy fails; absent = what is live and healthy. */
  restoreTo: z
    .union([z.literal(['live', 'last-proven']), z.string().regex(/^[0-9a-f]{7,40}$/)], {
      error: 'use live, last-proven, or 7 to 40 digits of a commit',
    })
    .optional(),
});

/** `signature` is the armored SSHSIG over canonicalJson(request), namespace plimsoll-request@v1. */
export const SignedRequest = z.strictObject({
  request: DeployRequest,
  signature: z.string().max(8192),
});

export const Decision = z.strictObject({
  subject: z.enum(['ship', 'keep', 'lift', 'waive', 'first']),
  subjectDigest: z.string().regex(/^[0-9a-f]{64}$/),
  deployId: z.string(),
  project: Name,
  environment: Name,
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  decision: z.enum(['approve', 'reject']),
  approver: Name,
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  notAfter: z.iso.datetime(),
});

/** `signature` is the armored SSHSIG over canonicalJson(decision), namespace plimsoll-approval@v1. */
export const SignedDecision = z.strictObject({
  decision: Decision,
  signature: z.string().max(8192),
});

export type Config = z.infer<typeof Config>;
export type Project = z.infer<typeof Project>;
export type Audit = z.infer<typeof Audit>;
export type Person = z.infer<typeof Person>;
export type Pager = z.infer<typeof Pager>;
export type VpsEnvironment = z.infer<typeof Vps>;
export type NorthflankEnvironment = z.infer<typeof Northflank>;
export type VercelEnvironment = z.infer<typeof Vercel>;
export type CloudflareEnvironment = z.infer<typeof Cloudflare>;
export type Environment = z.infer<typeof Environment>;
export type EnvironmentOf<P extends Environment['platform']> = Extract<
  Environment,
  { platform: P }
>;
export type SmokePaths = z.infer<typeof Smoke>;
export type DeployRequest = z.infer<typeof DeployRequest>;
export type SignedRequest = z.infer<typeof SignedRequest>;
export type Decision = z.infer<typeof Decision>;
export type SignedDecision = z.infer<typeof SignedDecision>;
