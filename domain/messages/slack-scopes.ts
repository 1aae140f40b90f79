import { slackScopes } from '../services/slack-scopes.ts';

const addThem =
  'Add the missing scopes under "OAuth & Permissions", "Bot Token Scopes" of the app, and install the app again.';

/**
 * Returns the text of `plimsoll doctor` about missing scopes; null: the token has every scope of
 * the manifest.
 */
export function scopesMissing(variable: string, has: readonly string[]): string | null {
  const missing = slackScopes.filter(
    ({ scope, needed }) => needed === 'always' && !has.includes(scope),
  );
  if (missing.length === 0) return null;
  const lines = missing.map(({ scope, use, lost }) => `${scope}: needed to ${use}. ${lost}`);
  return [`The Slack token in ${variable} lacks:`, ...lines, addThem].join('\n');
}

/**
 * The text of `plimsoll doctor` if the scopes could not be read. The function `unchecked` writes
 * "needs" before this text.
 */
export const scopesUnread =
  'the header x-oauth-scopes in the answer of Slack. The answer had no such header, so the scopes ' +
  'of the token are unknown. Check that nothing between this machine and Slack removes headers.';
