import type { VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import type { RemoteResult } from '../ssh/remote.ts';
import type { LogBucket } from '../../baseline-of.ts';
import { awkReader } from './awk-reader.ts';
import { awkTotals, overlapSeconds } from './awk-totals.ts';
import { composeProject, dockerLogScript } from './docker-log.ts';
import type { HostSession } from '../ssh/on-host.ts';

export type LogCounts = { now: number; buckets: LogBucket[] };

/**
 * A shell script that counts the lines, errors and requests in the journal of a unit. It runs on
 * the host, because the transfer of a large log would take long. A line is an error if its priority
 * is err or worse, or if the rules of `judgeLines` say so. All times are Unix times of the host's
 * clock, because the worker's clock may differ.
 *
 * Arguments: $1 = unit, $2 = first second (Unix time, or +N for N seconds ago), $3 = bucket size in
 * seconds, $4 = pattern, $5 = sudo or "".
 *
 * Without `-a`, journalctl prints null for a message over 4096 bytes. It prints a list of bytes for
 * a message with colours, with a carriage return or with invalid UTF-8. journald cuts a long line
 * of stdout into entries of 48 KB. All of these entries except the last have the field _LINE_BREAK.
 */
export const logScript = `
set -u
unit=$1 from=$2 size=$3 sudo=$5
PLIMSOLL_PATTERN=$4
export PLIMSOLL_PATTERN LC_ALL=C
now=$(date +%s)
case $from in +*) from=$((now - \${from#+})) ;; esac
if [ -n "$sudo" ] && sudo -n journalctl -u "$unit" -q -n 0 >/dev/null 2>&1; then sudo='sudo -n'; else sudo=''; fi
{
  $sudo journalctl -u "$unit" --since "@$((from - ${overlapSeconds}))" --until "@$now" --no-pager -a -o json
  echo "status $?"
} | awk -v now="$now" -v size="$size" -v from="$from" '
  ${awkReader}
  ${awkTotals}
  function bytes(list,   parts, n, i, text) {
    n = split(list, parts, ",")
    if (n > 16384) n = 16384
    for (i = 1; i <= n; i++) if (parts[i] + 0 > 0) text = text sprintf("%c", parts[i] + 0)
    return text
  }
  function plain(text) {
    gsub(/\\\\\\\\/, "\\001", text); gsub(/\\\\"/, "\\"", text); gsub(/\\\\\\//, "/", text)
    gsub(/\\\\[nr]/, " ", text); gsub(/\\\\t/, "\\t", text); gsub(/\\\\u001[bB]/, "\\033", text)
    gsub(/\\001/, "\\\\", text)
    return text
  }
  function value_of(field) {
    sub(/^"[^"]*" ?: ?"/, "", field); sub(/"$/, "", field)
    return field
  }
  /^status [0-9]+$/ { status = $2; next }
  $0 == "" { next }
  !/^\\{/ { count(0); unread[0]++; next }
  {
    at = now; pid = ""; priority = ""
    if (match($0, /"__REALTIME_TIMESTAMP" ?: ?"[0-9]+"/)) {
      at = value_of(substr($0, RSTART, RLENGTH))
      at = substr(at, 1, length(at) - 6) + 0
    }
    if (match($0, /"_PID" ?: ?"[0-9]+"/)) pid = value_of(substr($0, RSTART, RLENGTH))
    if (match($0, /"PRIORITY" ?: ?"[0-3]"/)) priority = value_of(substr($0, RSTART, RLENGTH))
    fresh = at >= from
    age = age_of(at)
    if (fresh) count(age)
    message = ""
    known = 1
    if (match($0, /"MESSAGE" ?: ?"([^"\\\\]|\\\\.)*"/)) message = substr($0, RSTART, RLENGTH)
    else if (match($0, /"MESSAGE" ?: ?\\[ ?"([^"\\\\]|\\\\.)*"/)) message = substr($0, RSTART, RLENGTH)
    else if (match($0, /"MESSAGE" ?: ?\\[[0-9, ]*\\]/)) {
      message = substr($0, RSTART, RLENGTH)
      sub(/^[^\\[]*\\[/, "", message)
      message = bytes(message)
      known = 2
    } else known = 0
    if (known == 1) {
      sub(/^"MESSAGE" ?: ?(\\[ ?)?"/, "", message); sub(/"$/, "", message)
      message = plain(message)
    }
    more = broken[pid]
    broken[pid] = index($0, "\\"_LINE_BREAK\\":\\"line-max\\"") > 0
    if (more) next
    if (priority != "") message = "<" priority ">" message
    if (known == 0 && message == "") { if (fresh) unread[age]++; next }
    take(message, pid, age, at, fresh)
    if (fresh && pattern != "" && requested(T)) requests[age]++
  }'
`;

type LogTarget = Pick<VpsTarget, 'service' | 'sudo' | 'run' | 'compose'>;

/**
 * `script` counts the log of a service on the host. `more` returns the arguments of this script
 * after the five common arguments.
 */
type HostLog = { script: string; more: (target: LogTarget) => string[] };
const journal: HostLog = { script: logScript, more: () => [] };
const docker: HostLog = { script: dockerLogScript, more: (target) => [composeProject(target)] };

/**
 * A systemd unit writes to the journal. A container or a compose service writes to `docker logs`.
 */
const hostLogOf = ({ run }: LogTarget): HostLog => (run === undefined ? journal : docker);

export type LogQuestion = {
  target: LogTarget;
  /**
   * The start of the count. `second` is a Unix time of the host's clock. `ago` is a number of
   * seconds before now.
   */
  from: { second: number } | { ago: number };
  bucketSeconds: number;
  /**
   * A regular expression for awk, made by `hostPattern`. null means that no line counts as a
   * request.
   */
  pattern: string | null;
  timeoutMs: number;
};

/**
 * Counts the lines, errors and requests in the log of a service. Returns null (no data) if the log
 * could not be counted.
 */
export async function readLog(
  session: HostSession,
  { target, from, bucketSeconds, pattern, timeoutMs }: LogQuestion,
): Promise<LogCounts | null> {
  const first = 'ago' in from ? `+${Math.max(0, Math.ceil(from.ago))}` : String(from.second);
  const sudo = target.sudo ? 'sudo' : '';
  const { script, more } = hostLogOf(target);
  const args = [target.service, first, String(bucketSeconds), pattern ?? '', sudo, ...more(target)];
  return countsOf(await session.run({ step: 'log', script, args, timeoutMs }));
}

/**
 * Matches the hints that journalctl prints on stderr if the ssh user may not read the journal.
 */
const noAccess = /not seeing messages|no journal files were|insufficient permissions/i;

export function countsOf({ code, stdout, stderr }: RemoteResult): LogCounts | null {
  const lines = stdout.trim().split('\n');
  const [word, now, status] = (lines.pop() ?? '').split(' ');
  if (code !== 0 || word !== 'end' || status !== '0' || noAccess.test(stderr)) return null;
  const unread = new Map(
    lines.flatMap((line) => {
      const [, age, count] = /^unread (\d+) (\d+)$/.exec(line)?.map(Number) ?? [];
      return age === undefined || count === undefined ? [] : [[age, count] as const];
    }),
  );
  const buckets = lines.flatMap((line) => {
    const [, age, errors, requests, count] =
      /^bucket (\d+) (\d+) (\d+) (\d+)$/.exec(line)?.map(Number) ?? [];
    if (age === undefined || errors === undefined || requests === undefined) return [];
    const missed = unread.get(age);
    return [{ age, errors, requests, lines: count ?? 0, ...(missed ? { unread: missed } : {}) }];
  });
  return { now: Number(now), buckets };
}
