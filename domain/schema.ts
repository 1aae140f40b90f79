import { z } from 'zod';
import { Budget } from './schema/budget.ts';
import type { Cloudflare, Northflank, Smoke, Vercel, Vps } from './schema/environments.ts';
import { Environment } from './schema/environments.ts';
import { Audit, Freeze, KindRoles, PathRules, Secrets, Tests } from './schema/gates.ts';
import { Approver, Pager, Person, Revoked } from './schema/people.ts';
import type { SlackButton } from './schema/slack.ts';
import { Slack, SlackClick } from './schema/slack.ts';
import {
  AbsolutePath,
  Email,
  HttpUrl,
  ListenAddress,
  Name,
  Reason,
  RepositoryPath,
  SecretRef,
} from './schema/words.ts';

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
  /** Approvals by path and by content. */
  rules: PathRules.optional(),
  roles: KindRoles.optional(),
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
  slack: Slack.optional(),
  /** How a person is called when a deploy needs one; independent of Slack. */
  page: Pager.optional(),
  /** What may be spent; without it nothing is counted. */
  budget: Budget.optional(),
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
  approvers: z.record(Name, Approver),
  /** Agents and CI: they request, they never approve. */
  requesters: z.record(Name, Person).default({}),
  /** Keys whose signatures count no more, also those that counted before. */
  revoked: z.array(Revoked).default([]),
  /** Who asks for the deploys of `deployOn: push`, with a key that lies on the worker's machine. */
  requests: z.strictObject({ as: Name, key: AbsolutePath }).optional(),
  bots: z.array(Email).default([]),
  /**
   * One human alone. 'slack': a click at Slack or a touch; 'file-key' lets an ordinary key approve after typing
   * the short digest.
   */
  solo: z.enum(['off', 'touch-key', 'slack', 'file-key']).default('off'),
  projects: z.record(Name, Project),
});

export const DeployRequest = z.strictObject({
  project: Name,
  environment: Name,
  ref: z.string().min(1).max(255),
  requestedBy: Name,
  reason: Reason.max(500),
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
  subject: z.enum(['ship', 'keep', 'lift', 'waive', 'first', 'stop', 'resume']),
  subjectDigest: z.string().regex(/^[0-9a-f]{64}$/),
  deployId: z.string(),
  project: Name,
  environment: Name,
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  decision: z.enum(['approve', 'reject']),
  approver: Name,
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  notAfter: z.iso.datetime(),
  /** Not signed by the approver: the worker's bridge saw them click. */
  via: z.strictObject({ slack: SlackClick }).optional(),
});

/**
 * `signature` is the armored SSHSIG over canonicalJson(decision), namespace plimsoll-approval@v1; with `via` the
 * bridge's, namespace plimsoll-slack@v1.
 */
export const SignedDecision = z.strictObject({
  decision: Decision,
  signature: z.string().max(8192),
});

export type Config = z.infer<typeof Config>;
export type Project = z.infer<typeof Project>;
export type Audit = z.infer<typeof Audit>;
export type Person = z.infer<typeof Person>;
export type Pager = z.infer<typeof Pager>;
export type SlackButton = z.infer<typeof SlackButton>;
export type SlackClick = z.infer<typeof SlackClick>;
export type SlackApprovals = NonNullable<NonNullable<Config['slack']>['approvals']>;
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
