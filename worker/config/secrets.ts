import { final } from '../../activities/lib/fail.ts';
import { fewestCharacters } from '../../activities/lib/redactor.ts';
import { secretsOf } from '../../activities/platforms/index.ts';
import { platformNames } from '../../domain/platforms/index.ts';
import type { Config } from '../../domain/config/config.ts';
import { kinds } from '../../domain/contract/kinds.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { messages, namespaces, searchAttributes } from '../../domain/deploy/wire.ts';

export { secret } from '../../activities/lib/secret.ts';

/** Returns every `env:NAME` that the worker reads for this configuration. */
export const secretRefs = (config: Config): string[] => [
  ...(config.seal ? [config.seal.key] : []),
  ...otherSecretRefs(config),
];

/** Returns every `env:NAME` except the private key of the workers. */
export const otherSecretRefs = (config: Config): string[] => {
  const { github, slack, page, hints, budget, projects } = config;
  const environments = Object.values(projects).flatMap((project) =>
    Object.values(project.environments),
  );
  const tokens = environments.flatMap(secretsOf);
  return [
    ...[github?.token, github?.app?.key, slack?.token, page?.smtp?.password, page?.webhook],
    ...[slack?.approvals?.appToken, slack?.approvals?.http?.signingSecret],
    ...platformNames.map((platform) => hints?.[platform]),
    budget?.summary?.token,
    ...new Set(tokens),
  ].filter((ref) => ref?.startsWith('env:') === true) as string[];
};

const nameOf = (ref: string) => ref.slice('env:'.length);

/**
 * Returns the names of the variables whose values are too short to be removed from texts. Many
 * harmless texts contain such a short value.
 */
export const shortSecrets = (config: Config, env: NodeJS.ProcessEnv = process.env): string[] =>
  [...new Set(secretRefs(config).map(nameOf))].filter((name) => {
    const length = env[name]?.trim().length ?? 0;
    return length > 0 && length < fewestCharacters;
  });

/** All names that Plimsoll writes into histories and into the ledger. */
const ownNames = JSON.stringify([
  ...[messages, namespaces, searchAttributes, failures, Object.keys(kinds)],
  ...['succeeded', 'unproven', 'gate-closed', 'rejected', 'expired', 'aborted', 'rolled-back'],
  ...['rolled-back-still-failing', 'rollback-failed', 'rollback-not-approved'],
  ...['planning', 'preflight', 'approval', 'decision', 'awaiting-rollback-approval'],
  ...['project', 'environment', 'deployId', 'requestedBy', 'rollbackTarget', 'priority', 'release'],
]);

/**
 * Throws a final failure of type 'misconfigured' if the value of a secret also occurs in the
 * configuration, or in a name of Plimsoll. Everybody may read these texts. If Plimsoll removed the
 * value from them, names would change and deploys would not work.
 */
export function refuseWrittenSecrets(config: Config, env: NodeJS.ProcessEnv = process.env): void {
  const written = JSON.stringify(config);
  const found = [...new Set(secretRefs(config).map(nameOf))].filter((name) => {
    const value = env[name] ?? '';
    if (value.length < fewestCharacters) return false;
    const text = JSON.stringify(value).slice(1, -1);
    return written.includes(text) || ownNames.includes(text);
  });
  if (found.length > 0) throw writtenSecret(found);
}

const writtenSecret = (names: string[]) =>
  final(
    failures.misconfigured,
    `The value of ${names.join(', ')} is no secret: it is also a word in plimsoll.yaml, or a name ` +
      'that Plimsoll uses.\n' +
      'Make a random value, set it at the service and where the worker is started, ' +
      'and start the worker again: openssl rand -hex 24',
  );
