import { createPrivateKey } from 'node:crypto';
import { failures } from '../../domain/deploy/failures.ts';
import type { Config } from '../../domain/config/config.ts';
import { final } from '../lib/fail.ts';

/**
 * The credentials of Plimsoll at GitHub: a personal access token, or an installation of a GitHub
 * App. The token of an installation expires after an hour. `key` is the private key of the App, as
 * PEM.
 */
export type Access =
  | { token: string }
  | { app: { id: string | number; installation: number; key: string } };

type Github = NonNullable<Config['github']>;
type Secret = (ref: string) => string;

/** Returns the reference `env:NAME` to the token, or to the private key of the App. */
export const secretRefOf = ({ token, app }: Github): string =>
  app?.key ?? token ?? 'env:GITHUB_TOKEN';

/** Returns the name of the variable that contains the token, or the private key of the App. */
export const variableOf = (github: Github): string => secretRefOf(github).slice('env:'.length);

/**
 * Reads the token or the private key. Throws a final failure of type 'misconfigured' if the
 * variable is not set, or if the variable for the private key of an App contains no RSA private
 * key.
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
