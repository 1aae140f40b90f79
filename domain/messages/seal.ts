import { plimsoll } from '../deploy/wire.ts';

type PublicKeys = readonly string[];

/** Returns the lines for plimsoll.yaml that name the workers' key. */
export const sealLines = (variable: string, publicKeys: PublicKeys): string =>
  ['seal:', `  key: env:${variable}`, '  public:', ...publicKeys.map((key) => `    - ${key}`)].join(
    '\n',
  );

/**
 * Tells a person what to do with a new key. `earlier` has the public keys whose seals are valid
 * now. The list is empty if the workers have no key yet.
 */
export const newKeySteps = (
  variable: string,
  { fresh, earlier }: { fresh: string; earlier: PublicKeys },
): string =>
  earlier.length === 0
    ? `The line above is the private key of the workers. It is not stored anywhere: put it into your secret store.
1. Add these lines to plimsoll.yaml:
${sealLines(variable, [fresh])}
2. Set ${variable} to the private key where each worker is started.
3. Start the workers again: ${plimsoll} worker`
    : `The line above is the next private key of the workers. It is not stored anywhere: put it into your secret store.
1. Change these lines in plimsoll.yaml, and start all workers again. They still seal with the earlier key:
${sealLines(variable, [fresh, ...earlier])}
2. Set ${variable} to the new private key where each worker is started, and start all workers again.
3. When no deploy from before step 2 is open, remove the earlier key from seal.public, and start all workers again.`;

/**
 * Returns the output of `plimsoll seal`. `from` is the variable or the file of the private key.
 * `own` is its public key; null: the private key is not on this machine. `unlisted` is the variable
 * if plimsoll.yaml names the variable but no public keys; else null.
 */
export const sealText = (
  from: string,
  { own, valid, unlisted }: { own: string | null; valid: PublicKeys; unlisted: string | null },
): string =>
  [
    own === null
      ? `The private key of the workers (${from}) is not on this machine.`
      : `The workers of this machine seal with the key in ${from}.`,
    'Seals of these public keys are valid:',
    ...valid.map((key) => (key === own ? `${key} (seals now)` : key)),
    ...(unlisted === null
      ? []
      : ['Clients cannot check seals yet. Change plimsoll.yaml:', sealLines(unlisted, valid)]),
  ].join('\n');

/** Returns the text after a rotation of the key file of one machine. */
export const rotatedText = (path: string, fresh: string): string =>
  `The key in ${path} is new, and seals of the earlier key stay valid. Its public key is:
${fresh}
Start all workers of this machine again, so that they seal with the new key: ${plimsoll} up
When no deploy from before is open, remove the earlier key, which is the last line: ${path}`;

/**
 * Returns the line under a plan if this client has verified the workers' seal. `from` says where
 * the client found the public keys.
 */
export const sealVerified = (from: string): string =>
  `A worker sealed this plan: checked with the public key in ${from}.`;

/** The line under a plan if this client cannot verify the workers' seal. */
export const sealUnknown = `Not checked: whether a worker sealed this plan, because this machine does not know the workers' public key.
To check it from now on, set PLIMSOLL_SEAL_PUBLIC to the public key. On the machine of a worker, this command prints the key: ${plimsoll} seal`;

/** The line under a plan if the door verifies the seal, and this client does not. */
export const sealAtDoor =
  'The door sends an approval only if a worker sealed this plan. This machine did not check it.';

/** The texts that say what a command does with a plan that no worker sealed. */
const refusals = {
  'not-signed': 'Nothing was signed.',
  'not-shown': 'The plan is not shown.',
  'not-trusted': 'Do not trust the state above.',
} as const;
export type Refused = keyof typeof refusals;

/** Returns the error about a plan that no worker sealed. */
export const sealRefused = (
  where: string,
  { why, from, outcome }: { why: string; from: string; outcome: Refused },
): string =>
  `No worker sealed the plan of ${where}: ${why}. ${refusals[outcome]}
The known public keys are in ${from}. If the workers have a new key, add the new key there. On the machine of a worker, this command prints the key: ${plimsoll} seal
If they have no new key, somebody with access to Temporal wrote this plan: docs/security.md#a-worker-refused-a-step`;

/** Returns the error if PLIMSOLL_SEAL_PUBLIC cannot be read. */
export const badPublicKeys = (variable: string): string =>
  `${variable} must contain the public keys of the workers, with a space between two keys. Nothing was done.
On the machine of a worker, this command prints the keys: ${plimsoll} seal`;
