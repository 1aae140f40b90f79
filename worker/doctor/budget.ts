import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { readSummary } from '../../activities/budget/read-summary.ts';
import { createSafeFetch } from '../../activities/lib/safe-fetch/safe-fetch.ts';
import { unreachable } from '../../domain/messages/budget.ts';
import { inDollars } from '../../domain/lib/money.ts';
import type { Config } from '../../domain/config/config.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { secret } from '../config/secrets.ts';
import { absent, check, unchecked } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';
import { isSet } from './secrets.ts';

const name = 'budget';

/**
 * Checks that every environment has a cost, and that every source of costs can be read. Writes
 * nothing to the ledger.
 */
export function budget(config: Config, env: NodeJS.ProcessEnv): Promise<Finding> {
  const { budget: configured } = config;
  if (!configured) return Promise.resolve(absent(name, 'not configured: spending is not counted'));
  const { token } = configured.summary ?? {};
  if (token !== undefined && !isSet(token, env))
    return Promise.resolve(unchecked(name, token.slice('env:'.length)));
  return check(name, async () => {
    const unpriced = withoutCost(config);
    if (unpriced.length > 0) throw noCost(unpriced);
    for (const path of configured.costs) await readable(path);
    const seen = configured.summary ? await summed(configured.summary, env) : [];
    const { day, month, task, agent } = configured;
    const limits = `$${day} a day, $${month} a month, $${task} a deploy without a human, $${agent} a day for an agent`;
    const known = [limits, `cost files: ${configured.costs.length}`, ...seen].join('; ');
    return config.slack || config.page ? known : `${known}.\n${unreachable}`;
  });
}

const withoutCost = ({ projects }: Config) =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([environment, { cost }]) =>
      cost === undefined ? [`${project} ${environment}`] : [],
    ),
  );

const noCost = (places: string[]) =>
  new UserError(
    `No cost is configured for: ${places.join(', ')}. The budget gate of these environments would be closed.\n` +
      'Set "cost" of each environment in plimsoll.yaml: { perDeploy: 0.1 }, or { perBuildMinute: 0.014, buildMinutes: 3 }',
  );

async function readable(path: string) {
  await access(path, constants.R_OK).catch(({ code }: NodeJS.ErrnoException) => {
    throw new UserError(
      `${path} of "budget.costs" cannot be read (${code}): the budget gate would be closed.\n` +
        `See why: ls -l ${path}\n` +
        `If nothing was spent yet, create the file: touch ${path}`,
    );
  });
}

async function summed(
  { url, token }: NonNullable<NonNullable<Config['budget']>['summary']>,
  env: NodeJS.ProcessEnv,
) {
  const fetch = createSafeFetch({ configured: [url] });
  const value = token === undefined ? null : secret(token, env);
  const { day, month } = await readSummary(fetch, { url, token: value, now: Date.now() });
  return [`${url} reports ${inDollars(day)} today, ${inDollars(month)} this month`];
}
