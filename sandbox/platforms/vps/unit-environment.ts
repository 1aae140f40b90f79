import { readFileSync } from 'node:fs';

/**
 * Reads the file of systemd's setting EnvironmentFile=. Its lines are KEY=value, optionally with
 * quotes, or comments. If the setting starts with "-", the file may be missing.
 */
export function readEnvironmentFile(setting: string | undefined): Record<string, string> {
  if (setting === undefined) return {};
  const optional = setting.startsWith('-');
  let text: string;
  try {
    text = readFileSync(optional ? setting.slice(1) : setting, 'utf8');
  } catch (cause) {
    if (optional) return {};
    throw cause;
  }
  const pairs = text
    .split('\n')
    .map((line) => /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => [match[1], (match[2] ?? '').trim().replace(/^(["'])(.*)\1$/, '$2')]);
  return Object.fromEntries(pairs) as Record<string, string>;
}
