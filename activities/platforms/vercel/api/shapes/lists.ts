import { z } from 'zod';
import { known } from './known.ts';

const moves = ['pending', 'in-progress', 'completed', 'failed', 'skipped'] as const;
const Move = z
  .object({
    id: z.string().nullish(),
    alias: z.union([z.string(), z.object({ alias: z.string() }).transform(({ alias }) => alias)]),
    status: known(moves),
  })
  .transform(({ id, alias, status }) => ({ id: id ?? null, alias, status }));
export type AliasMove = z.infer<typeof Move>;
/** Vercel answers `{}` if the project never had a promotion or a rollback. */
export const AliasMoves = z.object({
  aliases: z.array(Move).default([]),
  pagination: z.object({ next: z.number().nullable() }).nullish(),
});

export const DeploymentAliases = z.object({ aliases: z.array(z.object({ alias: z.string() })) });
export const Alias = z.object({
  alias: z.string().min(1),
  deploymentId: z.string().nullish(),
  projectId: z.string().nullish(),
});

const targets = z.union([z.array(z.string()), z.string().transform((one) => [one])]).default([]);
const Variable = z
  .object({ key: z.string().min(1), target: targets, gitBranch: z.string().nullish() })
  .transform(({ key, target, gitBranch }) => ({
    name: key,
    targets: target,
    branch: gitBranch ?? null,
  }));
export type Variable = z.infer<typeof Variable>;
const next = z.object({ next: z.number().nullable() }).nullish();
export const Variables = z.object({ envs: z.array(Variable), pagination: next });
export const SharedVariables = z.object({ data: z.array(Variable), pagination: next });
