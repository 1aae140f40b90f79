import type { Tried, Verdict } from '../services/live.ts';

/** Every result in the table of `plimsoll doctor --live`, with its meaning. */
const meanings: Record<Verdict, string> = {
  ok: 'the call works',
  'no data': 'there is nothing to read, and a deploy continues without it',
  refused: 'the token may not make the call, and a deploy that needs it fails',
  failed: 'there was no usable answer',
  'not tried': 'the call needs something that this account does not have yet',
  unknown: 'the call changes something, and the vendor does not show this right',
};

const width = 'not tried'.length + 2;

/** Returns the lines of one row of the table, with the remedy if there is one. */
export function liveRow(tried: Tried): string[] {
  const { verdict, use, permission, said } = tried;
  const needs = permission ?? 'any valid token';
  const open = verdict === 'unknown' ? ' (unknown until the first deploy)' : '';
  const first = `${verdict.padEnd(width)}${use.padEnd(50)} ${needs}${open}`;
  const more = [...(said === '' ? [] : said.split('\n')), ...remedy(tried)];
  return [first, ...more.map((line) => indent + line)];
}

const indent = ' '.repeat(width);

function remedy({ verdict, vendor, variable, permission, grant, call, said }: Tried): string[] {
  if (verdict === 'refused') {
    // Some vendors also answer 401 if only a permission is missing. In this case their text says
    // so.
    const unknown = said.startsWith('401') && !/permission/i.test(said);
    if (unknown || permission === null)
      return [
        `${vendor} does not accept the token in ${variable}. Make a new token. Call: ${call}`,
      ];
    return grant === null
      ? [`Give the token in ${variable} at ${vendor}: ${permission}. Call: ${call}`]
      : [`The token of ${variable} lacks: ${permission}. ${grant} Call: ${call}`];
  }
  if (verdict === 'failed') return [`Run the command again. Call: ${call}`];
  return [];
}

/** Returns the line that closes the table: it says whether all calls work. */
export function liveClosing(tried: readonly Tried[], waiting: readonly string[]): string {
  const bad = tried.filter(({ verdict }) => verdict === 'refused' || verdict === 'failed').length;
  const unknown = tried.filter(({ verdict }) => verdict === 'unknown').length;
  if (waiting.length > 0)
    return (
      `Not everything was tried: set ${waiting.join(', ')} in this terminal, ` +
      'then run the command again. Nothing was changed.'
    );
  if (tried.length === 0)
    return (
      'plimsoll.yaml names no service with an API: no GitHub, no Slack, and no environment at ' +
      'Vercel, Cloudflare or Northflank. There is nothing to try.'
    );
  if (bad > 0)
    return `${bad === 1 ? '1 call does' : `${bad} calls do`} not work. Fix it, then run the command again. Nothing was changed.`;
  return (
    `Every read that was tried works. Of the changes, ${unknown} are unknown until the first deploy. ` +
    'Nothing was changed.'
  );
}

/** Returns the meaning of each result that the table contains. */
export const liveLegend = (tried: readonly Tried[]): string[] =>
  (Object.keys(meanings) as Verdict[])
    .filter((verdict) => tried.some((one) => one.verdict === verdict))
    .map((verdict) => `${verdict.padEnd(width)}${meanings[verdict]}`);
