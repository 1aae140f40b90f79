import { failures } from '../../../domain/deploy/failures.ts';
import type { Permission } from '../../../domain/platforms/cloudflare/permissions.ts';
import { final, transient, unknown } from '../../lib/fail.ts';
import { logTail } from '../../lib/log-tail.ts';
import type { Worker } from './api/access.ts';
import { badToken, isTokenCode } from './api/failure.ts';
import { provisioning, testedWrangler } from './find-wrangler.ts';
import { refusedByStrict, strictAbort } from './strict.ts';
import type { WranglerResult } from './run-wrangler.ts';

/**
 * Codes of errors on Cloudflare's side. The change may have happened, although Cloudflare reports
 * an error.
 */
const theirs = new Set([10013]);
/**
 * The code for "not found". Plimsoll has read all older objects before. So the missing object must
 * be an upload that Cloudflare accepted a moment ago.
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
/**
 * wrangler prints this text after Cloudflare has refused the token. Then wrangler sends a second
 * request to find out who owns the token. If this request fails too, the last error code in the
 * output belongs to the second request. So this text is a better sign than the code.
 */
const denied = /It looks like you are authenticating Wrangler via a custom API token/;
/**
 * Matches wrangler's error that it does not know the option `provisioning`. In this case, wrangler
 * has changed nothing.
 */
const unknownOption = /Unknown arguments?: (?=.*(?:provision|Provision))/;
const notBuilt = /Build failed|Could not resolve|Expected .* but found|entry-point/;

/** Returns the last lines of wrangler's output, without secrets. */
const words = ({ output }: WranglerResult, lines = 12) =>
  logTail(output, lines).join('\n') || '(no output)';

/**
 * Makes the failure for a failed wrangler command. `what` is a verb for the effect that the command
 * should have, such as "upload a version".
 */
export function wranglerTrouble(worker: Worker, what: string, result: WranglerResult): Error {
  const code = codeIn(result);
  const { output } = result;
  if (result.timedOut) return late(what, result);
  if (result.code === null) return unknown(`wrangler was stopped before it could ${what}.`);
  if ((code !== null && isTokenCode(code)) || denied.test(output))
    return badToken(worker.access, `the command to ${what}`, neededFor(output));
  if (unknownOption.test(output)) return cannotForbid(what, result);
  if (code === 10021 || notBuilt.test(output))
    return blamed(failures.unhealthyRelease, what, result);
  if (code === 971 || limited.test(output))
    return transient(`Cloudflare limits our calls: wrangler could not ${what}.`, 60_000);
  if (code === 10211 || /pending Durable Object migration/.test(output)) return migrates(worker);
  if (strictAbort.test(output)) return refusedByStrict(worker, what, result);
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
  final(kind, `wrangler could not ${what}. Its last lines:\n${words(result)}`);

const migrates = ({ name }: Worker) =>
  final(
    failures.rejectedByPlatform,
    `This release of ${name} has a Durable Object migration, which takes effect for everybody at ` +
      'once. So Plimsoll cannot test it on a part of the traffic.\n' +
      `Set rollout: all-at-once for ${name} in plimsoll.yaml.`,
  );

/**
 * Returns the permission that the refused request needs. wrangler's output contains the path of
 * this request.
 */
function neededFor(output: string): Permission[] {
  // wrangler lists the zones to find the zone of a route by its name.
  if (/Cloudflare API \(\/zones(?:\?[^)]*)?\)/.test(output)) return ['routes', 'zone'];
  return /Cloudflare API \(\/(?:zones\b|\S*\/routes\b)/.test(output) ? ['routes'] : ['scripts'];
}

const late = (what: string, { timeoutMs }: WranglerResult) =>
  unknown(
    `wrangler was stopped before it could ${what}, because it ran for ${timeoutMs / 60_000} minutes. ` +
      'Cloudflare keeps the files that it has received: the next attempt uploads only the others.',
  );

const cannotForbid = (what: string, result: WranglerResult) =>
  final(
    failures.misconfigured,
    `wrangler could not ${what}, because it does not know the option --${provisioning}. Without this ` +
      'option, Plimsoll cannot forbid wrangler to create databases and buckets. ' +
      `Its last lines:\n${words(result)}\n` +
      `Install a version that has the option where Plimsoll is installed: npm install wrangler@${testedWrangler}`,
  );
