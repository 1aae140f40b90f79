import type { VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import type { RemoteResult } from '../ssh/remote.ts';
import type { LogBucket } from '../../baseline-of.ts';
import { composeProject, dockerLogScript } from './docker-log.ts';
import type { HostSession } from '../ssh/on-host.ts';

export type LogCounts = { now: number; buckets: LogBucket[] };

/**
 * A shell script that counts the lines, errors and requests in the journal of a unit. It counts on
 * the host, because a large log would take long to send. A line is an error if its priority is err
 * or worse, or if its message contains a word such as ERROR or Traceback. All times are Unix times
 * of the host's clock, because the worker's clock may differ. Arguments: $1 = unit, $2 = first
 * second (Unix time, or +N for N seconds ago), $3 = bucket size in seconds, $4 = pattern, $5 = sudo
 * or "".
 */
const logScript = `
set -u
unit=$1 from=$2 size=$3 sudo=$5
PLIMSOLL_PATTERN=$4
export PLIMSOLL_PATTERN LC_ALL=C
now=$(date +%s)
case $from in +*) from=$((now - \${from#+})) ;; esac
if [ -n "$sudo" ] && sudo -n journalctl -u "$unit" -q -n 0 >/dev/null 2>&1; then sudo='sudo -n'; else sudo=''; fi
{
  $sudo journalctl -u "$unit" --since "@$from" --until "@$now" --no-pager -o json
  echo "status $?"
} | awk -v now="$now" -v size="$size" '
  BEGIN { pattern = ENVIRON["PLIMSOLL_PATTERN"]; status = 1; oldest = 0 }
  /^status [0-9]+$/ { status = $2; next }
  !/^\\{/ { next }
  {
    at = now
    if (match($0, /"__REALTIME_TIMESTAMP" ?: ?"[0-9]+"/)) {
      digits = substr($0, RSTART, RLENGTH); gsub(/[^0-9]/, "", digits)
      at = substr(digits, 1, length(digits) - 6) + 0
    }
    age = int((now - at) / size); if (age < 0) age = 0
    if (age > oldest) oldest = age
    lines[age]++
    message = ""
    if (match($0, /"MESSAGE" ?: ?"([^"\\\\]|\\\\.)*"/)) message = substr($0, RSTART, RLENGTH)
    bad = ($0 ~ /"PRIORITY" ?: ?"[0-3]"/)
    if (message ~ /(^|[^A-Za-z])(ERROR|FATAL|PANIC|CRITICAL|Traceback|Unhandled|Uncaught)([^A-Za-z]|$)/) bad = 1
    if (bad) errors[age]++
    sub(/^"MESSAGE" ?: ?"/, "", message); sub(/"$/, "", message)
    gsub(/\\\\"/, "\\"", message); gsub(/\\\\\\\\/, "\\\\", message)
    if (pattern != "" && message ~ pattern) requests[age]++
  }
  END {
    for (age = oldest; age >= 0; age--)
      if (lines[age]) print "bucket", age, errors[age] + 0, requests[age] + 0, lines[age]
    print "end", now, status
  }'
`;

type LogTarget = Pick<VpsTarget, 'service' | 'sudo' | 'run' | 'compose'>;

/**
 * `script`: counts the log of a service on the host. `more`: returns the arguments that this script
 * has after the five common arguments.
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
  /** `second`: Unix time of the host's clock. `ago`: number of seconds before now. */
  from: { second: number } | { ago: number };
  bucketSeconds: number;
  /** Regular expression for awk, made by `hostPattern`; null = no line counts as a request. */
  pattern: string | null;
  timeoutMs: number;
};

/**
 * Counts the lines, errors and requests in the log of a service. Returns null if the log could not
 * be counted. null means no data, not zero errors.
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
 * If the ssh user may not read the journal, journalctl prints no log line, but one of these hints
 * on stderr.
 */
const noAccess = /not seeing messages|no journal files were|insufficient permissions/i;

export function countsOf({ code, stdout, stderr }: RemoteResult): LogCounts | null {
  const lines = stdout.trim().split('\n');
  const [word, now, status] = (lines.pop() ?? '').split(' ');
  if (code !== 0 || word !== 'end' || status !== '0' || noAccess.test(stderr)) return null;
  const buckets = lines.flatMap((line) => {
    const [, age, errors, requests, count] =
      /^bucket (\d+) (\d+) (\d+) (\d+)$/.exec(line)?.map(Number) ?? [];
    if (age === undefined || errors === undefined || requests === undefined) return [];
    return [{ age, errors, requests, lines: count ?? 0 }];
  });
  return { now: Number(now), buckets };
}
