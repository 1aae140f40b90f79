import { failures } from '../../../domain/deploy/failures.ts';
import { final, transient, unknown } from '../../lib/fail.ts';
import { logTail } from '../../lib/log-tail.ts';
import type { Worker } from './api/access.ts';
import { badToken, isTokenCode } from './api/failure.ts';
import type { WranglerResult } from './run-wrangler.ts';

/** Codes of errors on Cloudflare's side. The change may have happened in spite of the error. */
const theirs = new Set([10013]);
/**
 * Code for "not found". Plimsoll read all older objects before, so the missing object must be one
 * that Cloudflare has just accepted.
 */
const notFound = 10007;

const codeIn = ({ records, output }: WranglerResult): number | null => {
  const failed = records.find(({ type }) => type === 'command-failed');
  const code = failed?.code ?? /\[code: (\d+)\]/.exec(output)?.[1];
  return code === undefined ? null : Number(code);
};

const lostAnswer =
  /malformed response|fetch failed|socket hang up|other side closed|ECONN|ETIMEDOUT|timed out|-> 5\d\d /;
const limited = /Too Many Requests|consider throttling/;
const aborted = /Aborting the upload operation because of conflicts/;
const notBuilt = /Build failed|Could not resolve|Expected .* but found|entry-point/;

/** The last 12 lines of wrangler's output, redacted. */
const words = ({ output }: WranglerResult) => logTail(output, 12).join('\n');

/**
 * Makes the failure for a wrangler command that failed. `what` names the wanted effect with a verb,
 * such as "upload a version".
 */
export function wranglerTrouble(worker: Worker, what: string, result: WranglerResult): Error {
  const code = codeIn(result);
  const { output } = result;
  if (result.code === null || result.timedOut)
    return unknown(`wrangler was stopped before it could ${what}.`);
  if (code !== null && isTokenCode(code)) return badToken(worker.access, `the command to ${what}`);
  if (code === 10021 || notBuilt.test(output))
    return blamed(failures.unhealthyRelease, what, result);
  if (code === 971 || limited.test(output))
    return transient(`Cloudflare limits our calls: wrangler could not ${what}.`, 60_000);
  if (code === 10211 || /pending Durable Object migration/.test(output)) return migrates(worker);
  if (aborted.test(output)) return changedOutside(worker, what);
  if (code === notFound)
    return unknown(
      `Cloudflare did not find the new upload when wrangler tried to ${what}:\n${words(result)}`,
    );
  if ((code !== null && theirs.has(code)) || lostAnswer.test(output))
    return unknown(`wrangler got no clear answer when it tried to ${what}:\n${words(result)}`);
  return blamed(failures.rejectedByPlatform, what, result);
}

type Blame = typeof failures.unhealthyRelease | typeof failures.rejectedByPlatform;

const blamed = (kind: Blame, what: string, result: WranglerResult) =>
  final(kind, `wrangler could not ${what}. Its last lines:\n${words(result) || '(no output)'}`);

const migrates = ({ name }: Worker) =>
  final(
    failures.rejectedByPlatform,
    `This release of ${name} has a Durable Object migration, which takes effect for everybody at ` +
      'once. So Plimsoll cannot test it on a part of the traffic.\n' +
      `Set rollout: all-at-once for ${name} in plimsoll.yaml.`,
  );

const changedOutside = ({ name }: Worker, what: string) =>
  final(
    failures.rejectedByPlatform,
    `Somebody changed ${name} in Cloudflare's dashboard or by its API. This release would ` +
      `overwrite the change, so wrangler refused to ${what}.\n` +
      "Add the change to wrangler's configuration file and commit it. " +
      'Then deploy that commit once by hand: npx wrangler deploy',
  );
