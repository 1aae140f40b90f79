import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { readSummary } from '../../activities/budget/read-summary.ts';
import { createSafeFetch } from '../../activities/safe-fetch.ts';
import { unreachable } from '../../domain/policy/budget-words.ts';
import { inDollars } from '../../domain/policy/money.ts';
import type { Config } from '../../domain/schema.ts';
import { UserError } from '../../domain/user-error.ts';
import { secret } from '../secrets.ts';
import { absent, check, unchecked } from './finding.ts';
import type { Finding } from './finding.ts';
import { isSet } from './secrets.ts';

const name = 'budget';

/** Every source that the gate reads, and a cost for every environment. Takes nothing into the ledger. */
export function budget(config: Config, env: NodeJS.ProcessEnv): Promise<Finding> {
  const { budget: configured } = config;
  if (!configured)
    return Promise.resolve(absent(name, 'not configured: nobody counts what is spent'));
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
    const known = [limits, `${configured.costs.length} files of costs`, ...seen].join('; ');
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
    `Nothing says what a deploy costs: ${places.join(', ')}. Their budget gate would be closed.\n` +
      'Set "cost" of each in plimsoll.yaml: { perDeploy: 0.1 }, or { perBuildMinute: 0.014, buildMinutes: 3 }',
  );

async function readable(path: string) {
  await access(path, constants.R_OK).catch(({ code }: NodeJS.ErrnoException) => {
    throw new UserError(
      `${path} of "budget.costs" cannot be read (${code}): the budget gate would be closed.\n` +
        `Look at it: ls -l ${path}; where nothing was spent yet: touch ${path}`,
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
  return [`${url} says ${inDollars(day)} today, ${inDollars(month)} this month`];
}
