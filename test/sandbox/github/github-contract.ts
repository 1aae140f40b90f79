import type { components } from '@octokit/openapi-types';
import { z } from 'zod';

/**
 * Schemas of GitHub's responses, written by hand from GitHub's OpenAPI description. The schemas
 * share no code with the stand-in. The types at the end of this file compare the schemas with the
 * official types. A wrong name or enum does not compile.
 */
const Id = z.number().int().positive();
const Url = z.url();
const Sha = z.string().regex(/^[0-9a-f]{40}$/);
const Time = z.iso.datetime();
const User = z.object({
  login: z.string(),
  id: Id,
  node_id: z.string(),
  avatar_url: Url,
  html_url: Url,
  url: Url,
  type: z.string(),
  site_admin: z.boolean(),
});

export const CheckRun = z
  .object({
    id: Id,
    node_id: z.string(),
    head_sha: Sha,
    external_id: z.string().nullable(),
    url: Url,
    html_url: Url.nullable(),
    details_url: Url.nullable(),
    name: z.string().min(1),
    status: z.enum(['queued', 'in_progress', 'completed', 'waiting', 'requested', 'pending']),
    conclusion: z
      .enum([
        'success',
        'failure',
        'neutral',
        'cancelled',
        'skipped',
        'timed_out',
        'action_required',
      ])
      .nullable(),
    started_at: Time.nullable(),
    completed_at: Time.nullable(),
    output: z.object({
      title: z.string().nullable(),
      summary: z.string().nullable(),
      text: z.string().nullable(),
      annotations_count: z.number().int().min(0),
      annotations_url: Url,
    }),
    check_suite: z.object({ id: Id }).nullable(),
    app: z.object({ id: Id }).nullable(),
    pull_requests: z.array(z.unknown()),
  })
  .refine((run) => (run.status === 'completed') === (run.conclusion !== null), 'conclusion');
export const CheckRuns = z.object({
  total_count: z.number().int().min(0),
  check_runs: z.array(CheckRun),
});

const Status = z.object({
  id: Id,
  node_id: z.string(),
  state: z.enum(['error', 'failure', 'pending', 'success']),
  context: z.string().min(1),
  description: z.string().nullable(),
  target_url: Url.nullable(),
  avatar_url: Url.nullable(),
  url: Url,
  created_at: Time,
  updated_at: Time,
});
export const CombinedStatus = z.object({
  state: z.enum(['failure', 'pending', 'success']),
  statuses: z.array(Status),
  sha: Sha,
  total_count: z.number().int().min(0),
  repository: z.object({ id: Id, full_name: z.string(), owner: User, private: z.boolean() }),
  commit_url: Url,
  url: Url,
});

export const Issue = z.object({
  id: Id,
  node_id: z.string(),
  url: Url,
  repository_url: Url,
  labels_url: z.string(),
  comments_url: Url,
  events_url: Url,
  html_url: Url,
  number: z.number().int().positive(),
  state: z.enum(['open', 'closed']),
  state_reason: z.enum(['completed', 'reopened', 'not_planned', 'duplicate']).nullable(),
  title: z.string(),
  body: z.string().nullable(),
  user: User.nullable(),
  labels: z.array(z.object({ name: z.string() })),
  assignee: User.nullable(),
  milestone: z.null(),
  locked: z.boolean(),
  comments: z.number().int().min(0),
  closed_at: Time.nullable(),
  created_at: Time,
  updated_at: Time,
});
export const Comment = z.object({
  id: Id,
  node_id: z.string(),
  url: Url,
  html_url: Url,
  issue_url: Url,
  body: z.string(),
  user: User.nullable(),
  created_at: Time,
  updated_at: Time,
});

export const Deployment = z.object({
  id: Id,
  node_id: z.string(),
  url: Url,
  sha: Sha,
  ref: z.string(),
  task: z.string(),
  payload: z.union([z.record(z.string(), z.unknown()), z.string()]),
  environment: z.string(),
  description: z.string().nullable(),
  creator: User.nullable(),
  created_at: Time,
  updated_at: Time,
  statuses_url: Url,
  repository_url: Url,
});
export const DeploymentStatus = z.object({
  id: Id,
  node_id: z.string(),
  url: Url,
  state: z.enum(['error', 'failure', 'inactive', 'pending', 'success', 'queued', 'in_progress']),
  creator: User.nullable(),
  description: z.string(),
  target_url: z.string(),
  created_at: Time,
  updated_at: Time,
  deployment_url: Url,
  repository_url: Url,
});

const side = z.object({
  label: z.string(),
  ref: z.string(),
  sha: Sha,
  repo: z.object({ id: Id, full_name: z.string(), default_branch: z.string() }),
  user: User.nullable(),
});
export const Pull = z.object({
  id: Id,
  node_id: z.string(),
  number: z.number().int().positive(),
  url: Url,
  html_url: Url,
  state: z.enum(['open', 'closed']),
  title: z.string(),
  body: z.string().nullable(),
  user: User.nullable(),
  locked: z.boolean(),
  head: side,
  base: side,
  created_at: Time,
  updated_at: Time,
  closed_at: Time.nullable(),
  merged_at: Time.nullable(),
  merge_commit_sha: Sha.nullable(),
});

const GitUser = z.object({
  name: z.string(),
  email: z.string(),
  date: z.iso.datetime({ offset: true }),
});
const Commit = z.object({
  sha: Sha,
  node_id: z.string(),
  url: Url,
  html_url: Url,
  commit: z.object({
    message: z.string(),
    author: GitUser,
    committer: GitUser,
    comment_count: z.number(),
    tree: z.object({ sha: Sha, url: Url }),
  }),
  parents: z.array(z.object({ sha: Sha, url: Url })),
});
export const Comparison = z.object({
  url: Url,
  status: z.enum(['diverged', 'ahead', 'behind', 'identical']),
  ahead_by: z.number().int().min(0),
  behind_by: z.number().int().min(0),
  total_commits: z.number().int().min(0),
  base_commit: Commit,
  merge_base_commit: Commit,
  commits: z.array(Commit),
  files: z.array(
    z.object({
      sha: Sha.nullable(),
      filename: z.string(),
      status: z.enum(['added', 'removed', 'modified', 'changed']),
      additions: z.number(),
      deletions: z.number(),
      changes: z.number(),
    }),
  ),
});

type Official = components['schemas'];
/**
 * Types that check our schemas at compile time. `Names` is true if every key of our schema is in
 * the official type. `Accepts` is true if our schema accepts every official value.
 */
type Names<Ours, Theirs> = Exclude<keyof Ours, keyof Theirs> extends never ? true : never;
type Accepts<Ours, Theirs> = [Theirs] extends [Ours] ? true : never;
export const drift: [
  Names<z.infer<typeof CheckRun>, Official['check-run']>,
  Accepts<z.infer<typeof CheckRun>['status'], Official['check-run']['status']>,
  Accepts<z.infer<typeof CheckRun>['conclusion'], Official['check-run']['conclusion']>,
  Names<z.infer<typeof CombinedStatus>, Official['combined-commit-status']>,
  Names<z.infer<typeof Issue>, Official['issue']>,
  Names<z.infer<typeof Comment>, Official['issue-comment']>,
  Names<z.infer<typeof Deployment>, Official['deployment']>,
  Names<z.infer<typeof DeploymentStatus>, Official['deployment-status']>,
  Accepts<z.infer<typeof DeploymentStatus>['state'], Official['deployment-status']['state']>,
  Names<z.infer<typeof Pull>, Official['pull-request']>,
  Accepts<z.infer<typeof Pull>['state'], Official['pull-request']['state']>,
  Names<z.infer<typeof Comparison>, Official['commit-comparison']>,
  Accepts<z.infer<typeof Comparison>['status'], Official['commit-comparison']['status']>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true];
