import { z } from 'zod';
import { faultKinds } from '../board.ts';

const Repository = z.string().regex(/^[\w-][\w.-]*\/[\w-][\w.-]*$/, 'use owner/name');
const Sha = z.string().regex(/^[0-9a-f]{40}$/, 'use all 40 digits of the commit');

export const faultInput = (services: readonly string[]) =>
  z.strictObject({
    service: z.enum(services),
    match: z.string().min(1, 'use a part of the operation, such as "push"'),
    kind: z.enum(faultKinds),
    times: z.number().int().min(1).max(1000).default(1),
  });

export const CheckInput = z.strictObject({
  repository: Repository,
  sha: Sha,
  name: z.string().min(1),
  status: z.enum(['queued', 'in_progress', 'completed', 'waiting', 'requested', 'pending']),
  conclusion: z
    .enum(['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required'])
    .optional(),
});
export const StatusInput = z.strictObject({
  repository: Repository,
  sha: Sha,
  context: z.string().min(1),
  state: z.enum(['error', 'failure', 'pending', 'success']),
});
export const IssueInput = z.strictObject({
  repository: Repository,
  title: z.string().min(1),
  body: z.string().default(''),
  labels: z.array(z.string()).default([]),
});
export const CommitInput = z.strictObject({
  repository: Repository,
  files: z.record(z.string(), z.string().nullable()),
  message: z.string().min(1),
  author: z.strictObject({ name: z.string(), email: z.string() }).optional(),
  branch: z.string().default('main'),
});
export const ProtectionInput = z.strictObject({
  repository: Repository,
  branches: z.array(z.string()),
});
export const MessageInput = z.strictObject({
  channel: z.string().min(1),
  user: z.string().min(1),
  text: z.string().min(1),
});
