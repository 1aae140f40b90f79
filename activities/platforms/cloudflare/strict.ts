import { failures } from '../../../domain/deploy/failures.ts';
import { final } from '../../lib/fail.ts';
import { logTail } from '../../lib/log-tail.ts';
import type { Worker } from './api/access.ts';
import type { WranglerResult } from './run-wrangler.ts';

/**
 * Matches the last line of wrangler if `--strict` stopped it. An earlier line has a warning with
 * the cause.
 */
export const strictAbort = /Aborting the upload operation because of conflicts/;

type Cause = {
  /** Matches the warning that wrangler 4.110 to 4.164 print before they abort. */
  warning: RegExp;
  /**
   * Returns the reason in words for people. `names` are the names that the warning has in backticks or
   * quotes.
   */
  why(worker: string, names: string[]): string;
  remedy(worker: string, names: string[]): string;
};

const list = (names: string[]) => names.join(', ') || 'the name in the lines above';

/** For each warning of `--strict`, the reason why wrangler stops. */
const causes: Cause[] = [
  {
    warning:
      /differs from the remote configuration of your Worker set via the Cloudflare Dashboard/,
    why: (worker) =>
      `Somebody changed ${worker} in Cloudflare's dashboard. This release would overwrite the change`,
    remedy: () =>
      "Add the change to wrangler's configuration file, commit it, and deploy that commit.",
  },
  {
    warning: /last updated via the script API/,
    why: (worker) =>
      `Somebody changed ${worker} through Cloudflare's API. This release would overwrite the change`,
    remedy: () =>
      "Add the change to wrangler's configuration file and commit it. " +
      'Then deploy that commit once by hand: npx wrangler deploy --experimental-provision=false',
  },
  {
    warning: /conflicts? with (?:an )?existing remote secrets?\./,
    why: (worker, names) =>
      `wrangler's configuration file has a variable or a binding with the name of a secret of ${worker}: ` +
      `${list(names)}. This release would replace the secret`,
    remedy: (worker, names) =>
      "Rename it in wrangler's configuration file, or remove it there. If the secret must go, delete " +
      `it: npx wrangler secret delete ${names[0] ?? 'NAME'} --name ${worker}`,
  },
  {
    warning: /workflow\(s\) already exist and belong to different workers/,
    why: (worker, names) =>
      `Workflows of wrangler's configuration file belong to another worker: ${list(names)}. ` +
      `This release would move them to ${worker}`,
    remedy: () =>
      "Give each workflow another name in wrangler's configuration file. Commit it and deploy that commit.",
  },
];

/** Makes the failure for a command that wrangler refused because of `--strict`. */
export function refusedByStrict({ name }: Worker, what: string, result: WranglerResult): Error {
  const { output } = result;
  const found = causes.filter(({ warning }) => warning.test(output));
  const lines = `The last lines of wrangler:\n${logTail(output, 20).join('\n')}`;
  if (found.length === 0)
    return final(
      failures.rejectedByPlatform,
      `wrangler refused to ${what}, because this release would overwrite something of ${name} at ` +
        `Cloudflare. ${lines}\n` +
        "Correct the settings in these lines, in wrangler's configuration file or at Cloudflare. Then deploy again.",
    );
  const reasons = found.map(({ warning, why, remedy }) => {
    const names = namesIn(output, warning);
    return { why: why(name, names), remedy: remedy(name, names) };
  });
  return final(
    failures.rejectedByPlatform,
    `${reasons.map(({ why }) => why).join('. ')}, so wrangler refused to ${what}.\n` +
      `${reasons.map(({ remedy }) => remedy).join(' ')}\n${lines}`,
  );
}

/** Returns the names in backticks on the line of the warning, or in the list after this line. */
function namesIn(output: string, warning: RegExp): string[] {
  const lines = output.split('\n');
  const at = lines.findIndex((line) => warning.test(line));
  const quoted = [...(lines[at] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  if (quoted.length > 0) return quoted;
  const named = lines.slice(at + 1).map((line) => /^\s*- "([^"]+)"/.exec(line)?.[1]);
  return named.filter((name) => name !== undefined);
}
