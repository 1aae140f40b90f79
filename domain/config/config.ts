import { z } from 'zod';
import { authorshipSources } from '../deploy/authorship-source.ts';
import { plainRef } from '../lib/ref.ts';
import { isRepository } from '../lib/repository.ts';
import { Anchor } from './anchor.ts';
import { Budget } from './budget.ts';
import { Builds } from './builds.ts';
import type { EnvironmentOf, Platform } from '../platforms/index.ts';

import { Environment, webhookSecrets } from './environments.ts';
import { Freeze, KindRoles, PathRules, projectGates } from './gates.ts';
import { Approvers, Bot, Pager, Person, Revoked } from './people.ts';
import { Seal } from './seal.ts';
import type { SlackButton } from './slack.ts';
import { Slack, SlackClick } from './slack.ts';
import { Web } from './web.ts';
import {
  AbsolutePath,
  HttpUrl,
  ListenAddress,
  Name,
  Reason,
  RepositoryPath,
  SecretRef,
} from './words.ts';

const mostRoles = 10;

const Project = z
  .strictObject({
    repository: z
      .string()
      .refine(isRepository, { error: 'use https://host/path or git@host:path' }),
    /**
     * The GitHub repository, as owner/name. Plimsoll uses the checks, issues and deployment
     * statuses of this repository.
     */
    github: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, 'use owner/name')
      .optional(),
    branch: z.string().regex(plainRef, 'use the name of a branch').default('main'),
    /**
     * The source that names the authors of this project's commits. Default: `authorship` at the top
     * of the file.
     */
    authorship: z.enum(authorshipSources).optional(),
    revert: z.enum(['push', 'pull-request', 'off']).default('push'),
    /** Paths of this project in the repository; absent = the whole repository. */
    paths: z.array(RepositoryPath).min(1).max(20).optional(),
    ...projectGates,
    /** Rules that demand approvers for changed files, by path or by content. */
    rules: PathRules.optional(),
    roles: KindRoles.optional(),
    environments: z.record(Name, Environment),
  })
  .refine(
    ({ rules = [], roles = {} }) =>
      distinct([...rules.map(({ role }) => role), ...Object.values(roles)]) <= mostRoles,
    {
      error: `the rules of one project may ask for at most ${mostRoles} different roles: use the same role in several rules`,
      path: ['rules'],
    },
  );

function distinct(roles: readonly (string | undefined)[]): number {
  return new Set(roles.filter((role) => role !== undefined)).size;
}

export const Config = z.strictObject({
  /** true: a sandbox, which may scale time. Allowed only if every address is loopback. */
  sandbox: z.boolean().default(false),
  timeScale: z.number().min(1).max(1000).default(1),
  /**
   * Path of the ledger's SQLite file; default: a file in the user's data directory. Ignored if
   * DATABASE_URL is set.
   */
  ledger: z.string().optional(),
  /**
   * The key with which the workers seal facts. Without it, the worker makes a key file in the
   * user's data directory, for the workers of this machine.
   */
  seal: Seal.optional(),
  /**
   * The place outside of the ledger in which the workers keep copies of its head. With such a copy,
   * `history --verify` finds removed rows.
   */
  anchor: Anchor.optional(),
  github: z
    .strictObject({
      api: HttpUrl.default('https://api.github.com'),
      /** A personal access token. */
      token: SecretRef.optional(),
      // A file has either a token or an App. So examples/plimsoll.yaml shows the App as a comment.
      app: z
        .strictObject({
          id: z
            .union([z.number().int().positive(), z.string().regex(/^[A-Za-z0-9.]{1,60}$/)])
            .describe('The App ID or the Client ID of the GitHub App.'),
          installation: z
            .number()
            .int()
            .positive()
            .describe("The number at the end of the address of the installation's page."),
          key: SecretRef.describe('The private key of the GitHub App, as env:NAME.'),
        })
        .describe('A GitHub App, in place of a token. GitHub gives the App a new token every hour.')
        .optional(),
    })
    .refine(({ token, app }) => (token === undefined) !== (app === undefined), {
      error: 'name either a token or an app',
    })
    .optional(),
  slack: Slack.optional(),
  /** The channels that page a person when a deploy needs a person. Paging works without Slack. */
  page: Pager.optional(),
  /** Spending limits; absent = Plimsoll does not count costs. */
  budget: Budget.optional(),
  /**
   * The settings with which code of a commit runs on the worker's machine. Absent = the defaults.
   */
  builds: Builds.optional(),
  /** Freeze windows, in which no deploy begins. A rollback is always allowed. */
  freeze: z.array(Freeze).default([]),
  /**
   * The webhooks that platforms send to the worker. A webhook has one effect: the worker checks the
   * platform at once.
   */
  hints: z
    .strictObject({
      listen: ListenAddress,
      ...webhookSecrets,
    })
    .optional(),
  /** The door for people and CI jobs. Absent = people and CI jobs need access to Temporal. */
  web: Web.optional(),
  /** Address of Temporal's Web UI, for the link in GitHub's deployment statuses. */
  webUi: HttpUrl.optional(),
  approvers: Approvers,
  /** Agents and CI jobs. They may request deploys but never approve. */
  requesters: z.record(Name, Person).default({}),
  /**
   * Revoked keys. A signature with a revoked key never counts, even if it is older than the
   * revocation.
   */
  revoked: z.array(Revoked).default([]),
  /**
   * The requester of the deploys that `deployOn: push` starts. `key` is the path of the requester's
   * key on the worker's machine.
   */
  requests: z.strictObject({ as: Name, key: AbsolutePath }).optional(),
  bots: z.array(Bot).default([]),
  /**
   * The source that says who wrote a commit. Nobody may approve their own commits. Default: github
   * with a token; git in a sandbox and for a single human. A team without a token must set this
   * key.
   */
  authorship: z.enum(authorshipSources).optional(),
  /**
   * In solo mode, one person requests and approves. This key says how that person approves.
   * 'touch-key': touch a key. 'slack': click at Slack, or touch a key. 'file-key': type the short
   * digest, then sign with an ordinary key.
   */
  solo: z.enum(['off', 'touch-key', 'slack', 'file-key']).default('off'),
  projects: z.record(Name, Project),
});

const CiJob = z.strictObject({
  repository: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/),
  run: z.string().regex(/^[1-9]\d{0,15}$/),
  job: z.string().regex(/^[A-Za-z_][\w-]{0,99}$/),
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
  /**
   * true: this request may replace the waiting deploy even if the requested commit does not contain
   * the commit of the waiting deploy.
   */
  supersede: z.literal(true).optional(),
  /**
   * The job of GitHub Actions that makes this request. It consists of owner/name of the repository,
   * the id of the workflow run, and the key of the job.
   */
  ci: CiJob.optional(),
  /**
   * The release to make live if this deploy fails. Absent = the release that is live now, if it is
   * healthy.
   */
  rollbackTarget: z
    .union([z.literal(['live', 'last-proven']), z.string().regex(/^[0-9a-f]{7,40}$/)], {
      error: 'use live, last-proven, or 7 to 40 digits of a commit',
    })
    .optional(),
  /**
   * Only in a request for a rollback after the deploy has closed, whose `ref` is the commit to roll
   * back to. true: the live release is to blame, so it is quarantined and the branch is reverted.
   */
  blame: z.literal(true).optional(),
});

/**
 * A request and its signature. The signature is an armored SSHSIG over canonicalJson(request), in
 * the namespace plimsoll-request@v1.
 */
export const SignedRequest = z.strictObject({
  request: DeployRequest,
  signature: z.string().max(8192),
});

export const Decision = z.strictObject({
  subject: z.enum(['deploy', 'keep', 'lift', 'waive', 'first', 'stop', 'resume']),
  subjectDigest: z.string().regex(/^[0-9a-f]{64}$/),
  deployId: z.string(),
  project: Name,
  environment: Name,
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  decision: z.enum(['approve', 'reject']),
  approver: Name,
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  notAfter: z.iso.datetime(),
  /**
   * Set if the approver clicked in Slack. In this case the worker's Slack bridge signed the
   * decision, not the approver.
   */
  via: z.strictObject({ slack: SlackClick }).optional(),
});

/**
 * A decision and its signature. The signature is an armored SSHSIG over canonicalJson(decision), in
 * the namespace plimsoll-approval@v1. If `via` is set, the Slack bridge signed the decision, in the
 * namespace plimsoll-slack@v1.
 */
export const SignedDecision = z.strictObject({
  decision: Decision,
  signature: z.string().max(8192),
});

export type Config = z.infer<typeof Config>;
export type Project = z.infer<typeof Project>;
export type Audit = NonNullable<Project['audit']>;
export type Pager = z.infer<typeof Pager>;
export type SlackButton = z.infer<typeof SlackButton>;
export type SlackClick = z.infer<typeof SlackClick>;
export type SlackApprovals = NonNullable<NonNullable<Config['slack']>['approvals']>;
export type Environment = EnvironmentOf<Platform>;
export type DeployRequest = z.infer<typeof DeployRequest>;
export type SignedRequest = z.infer<typeof SignedRequest>;
export type Decision = z.infer<typeof Decision>;
export type SignedDecision = z.infer<typeof SignedDecision>;
