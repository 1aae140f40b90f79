import { expect, it } from 'vitest';
import { environmentRules } from '../../../worker/config/environments.ts';
import type { Config } from '../../../domain/config/config.ts';

/**
 * Returns the problems that the rules find in a chain of environments. Each line is one
 * environment: "NAME", or "NAME < NAME_OF_THE_PREVIOUS_ENVIRONMENT".
 */
function problems(...lines: string[]): string[] {
  const environments = Object.fromEntries(
    lines.map((line) => line.split(' < ')).map(([name, after]) => [name, after ? { after } : {}]),
  );
  const config = { projects: { shop: { environments }, blog: { environments: { live: {} } } } };
  return environmentRules(config as unknown as Config).map(
    ({ path, what }) => `${path.join('.')}\n${what}`,
  );
}
const at = (name: string) => `projects.shop.environments.${name}.after\n`;

it('an environment may come after another of its project', () => {
  expect(problems('production < testing', 'staging', 'testing < staging')).toEqual([]);
  expect(problems('staging', 'eu < staging', 'us < staging')).toEqual([]);
});

it('one that does not exist is named with what was meant', () => {
  expect(problems('production < stagin', 'staging')).toEqual([
    `${at('production')}There is no environment of shop called "stagin". Did you mean "staging"?\n` +
      'Configured: production, staging.',
  ]);
});

it.each(['live', 'constructor'])('%s is none of this project', (name) => {
  expect(problems(`production < ${name}`)).toEqual([
    `${at('production')}There is no environment of shop called "${name}".\nConfigured: production.`,
  ]);
});

it('none comes after itself', () => {
  expect(problems('staging', 'production < production')).toEqual([
    `${at('production')}An environment cannot come after itself.\nName the environment before it, or remove "after".`,
  ]);
});

it('a ring is reported once, at the environment listed first', () => {
  expect(problems('live < production', 'staging < production', 'production < staging')).toEqual([
    `${at('staging')}staging after production after staging: each environment waits for another, so none of them could ever be deployed.\n` +
      'Remove "after" from the environment that is deployed first.',
  ]);
});
