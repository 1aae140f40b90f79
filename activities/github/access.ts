import { createPrivateKey } from 'node:crypto';
import { failures } from '../../domain/deploy/failures.ts';
import type { Config } from '../../domain/config/config.ts';
import { final } from '../lib/fail.ts';

/**
 * The way in which Plimsoll proves to GitHub who it is: with a personal access token, or as an
 * installation of a GitHub App. GitHub makes a new token for an installation every hour. `key`: the
 * private key of the App, as PEM.
 */
export type Access =
  | { token: string }
  | { app: { id: string | number; installation: number; key: string } };

type Github = NonNullable<Config['github']>;
type Secret = (ref: string) => string;

/** The `env:NAME` of the token, or of the private key of the App. */
export const secretRefOf = ({ token, app }: Github): string =>
  app?.key ?? token ?? 'env:GITHUB_TOKEN';

/** The name of the variable that contains the token, or the private key of the App. */
export const variableOf = (github: Github): string => secretRefOf(github).slice('env:'.length);

/**
 * Reads the token or the private key. Throws a final failure of type 'misconfigured' if the
 * variable is not set, or if it should contain a private key and does not.
 */
export function accessOf(github: Github, secret: Secret): Access {
  const value = secret(secretRefOf(github));
  const { app } = github;
  if (!app) return { token: value };
  // An environment variable often keeps the lines of the key as "\n".
  const key = value.replaceAll(String.raw`\n`, '\n');
  if (!isPrivateKey(key)) throw noPrivateKey(variableOf(github));
  return { app: { id: app.id, installation: app.installation, key } };
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

const noPrivateKey = (variable: string) =>
  final(
    failures.misconfigured,
    `${variable} is no private key of a GitHub App.\n` +
      'At GitHub, open the App, make a key with "Generate a private key", and put the whole file ' +
      `into ${variable}, from "-----BEGIN" to "-----END".`,
  );
