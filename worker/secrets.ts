import { final } from '../activities/lib/fail.ts';
import { failures } from '../domain/failures.ts';
import type { Config } from '../domain/schema.ts';

/** The value behind `env:NAME`. Final misconfigured when it is not set; the text names the variable only. */
export function secret(ref: string, env: NodeJS.ProcessEnv = process.env): string {
  const name = ref.slice('env:'.length);
  const value = env[name];
  if (value === undefined || value.trim() === '')
    throw final(
      failures.misconfigured,
      `The worker's environment has no ${name}, which the configuration reads as "${ref}".\n` +
        `Set ${name} where the worker is started and start it again.`,
    );
  return value;
}

/** Every `env:NAME` that the worker reads for this configuration. */
export const secretRefs = ({ github, slack, page, hints, budget, projects }: Config): string[] => {
  const environments = Object.values(projects).flatMap((project) =>
    Object.values(project.environments),
  );
  const tokens = environments.flatMap((one) => [
    ...('token' in one ? [one.token] : []),
    ...('bypass' in one ? [one.bypass] : []),
  ]);
  return [
    ...[github?.token, slack?.token, page?.smtp?.password, page?.webhook],
    ...[slack?.approvals?.appToken, slack?.approvals?.http?.signingSecret],
    ...[hints?.vercel, hints?.northflank, budget?.summary?.token],
    ...new Set(tokens),
  ].filter((ref) => ref?.startsWith('env:') === true) as string[];
};
