import { failures } from '../../../domain/failures.ts';
import { final, transient, unknown } from '../../lib/fail.ts';
import { logTail } from '../vps/log-tail.ts';
import type { Worker } from './access.ts';
import { badToken, isTokenCode } from './failure.ts';
import type { WranglerResult } from './run-wrangler.ts';

/** An error of Cloudflare's own side: it may have done it all the same. */
const theirs = new Set([10013]);
/** We looked before: what is not found is what it has just taken itself. */
const notFound = 10007;

const codeIn = ({ records, output }: WranglerResult): number | null => {
  const failed = records.find(({ type }) => type === 'command-failed');
  const told = failed?.code ?? /\[code: (\d+)\]/.exec(output)?.[1];
  return told === undefined ? null : Number(told);
};

const lostAnswer =
  /malformed response|fetch failed|socket hang up|other side closed|ECONN|ETIMEDOUT|timed out|-> 5\d\d /;
const limited = /Too Many Requests|consider throttling/;
const aborted = /Aborting the upload operation because of conflicts/;
const notBuilt = /Build failed|Could not resolve|Expected .* but found|entry-point/;

/** Its last words without decoration. */
const words = ({ output }: WranglerResult) => logTail(output, 12).join('\n');

/** Why wrangler did not do `what`, when the look found no effect of it. */
export function wranglerTrouble(worker: Worker, what: string, result: WranglerResult): Error {
  const code = codeIn(result);
  const { output } = result;
  if (result.code === null || result.timedOut)
    return unknown(`wrangler was stopped before it could ${what}.`);
  if (code !== null && isTokenCode(code)) return badToken(worker.access, what);
  if (code === 10021 || notBuilt.test(output))
    return blamed(failures.unhealthyRelease, what, result);
  if (code === 971 || limited.test(output))
    return transient(`Cloudflare limits our calls: wrangler could not ${what}.`, 60_000);
  if (code === 10211 || /pending Durable Object migration/.test(output)) return migrates(worker);
  if (aborted.test(output)) return changedOutside(worker, what);
  if (code === notFound)
    return unknown(
      `Cloudflare did not find what wrangler had just given it when it tried to ${what}:\n${words(result)}`,
    );
  if ((code !== null && theirs.has(code)) || lostAnswer.test(output))
    return unknown(`wrangler got no clear answer when it tried to ${what}:\n${words(result)}`);
  return blamed(failures.rejectedByPlatform, what, result);
}

type Blame = typeof failures.unhealthyRelease | typeof failures.rejectedByPlatform;

const blamed = (kind: Blame, what: string, result: WranglerResult) =>
  final(kind, `wrangler could not ${what}; its last lines:\n${words(result) || 'it said nothing'}`);

const migrates = ({ name }: Worker) =>
  final(
    failures.rejectedByPlatform,
    `This release of ${name} has a Durable Object migration, which takes effect for everybody at ` +
      'once: it cannot be tried first.\nSet rollout: all-at-once for it in plimsoll.yaml.',
  );

const changedOutside = ({ name }: Worker, what: string) =>
  final(
    failures.rejectedByPlatform,
    `Somebody changed ${name} in Cloudflare's dashboard or by its API, and this release would undo ` +
      `that: wrangler refused to ${what}.\nTake the change into wrangler's configuration file, then ` +
      'deploy that commit once by hand: npx wrangler deploy',
  );
