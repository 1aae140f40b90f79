import type { VpsTarget } from '../../domain/plan.ts';
import type { RemoteResult } from '../ssh-remote.ts';
import { composeProject, dockerLogScript } from './docker-log.ts';
import type { HostSession } from './on-host.ts';

/** Age 0 is the newest bucket; a bucket without a line is not there. */
export type LogBucket = { age: number; errors: number; requests: number; lines: number };
export type LogCounts = { now: number; buckets: LogBucket[] };

/**
 * Counts on the host: a busy log is not carried over the line. A line is an error by its priority (err or
 * worse) or by the word its program wrote. The host's own clock bounds the time, so clocks may differ.
 * Arguments: unit, first second (absolute, or +N = N seconds ago), bucket seconds, pattern, sudo or "".
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

/** Where a service's log is: a script that counts it on the host, and what it needs beyond the common arguments. */
type HostLog = { script: string; more: (target: LogTarget) => string[] };
const journal: HostLog = { script: logScript, more: () => [] };
const docker: HostLog = { script: dockerLogScript, more: (target) => [composeProject(target)] };

/** By what runs the service. */
const hostLogOf = ({ run }: LogTarget): HostLog => (run === undefined ? journal : docker);

export type LogQuestion = {
  target: LogTarget;
  /** Absolute second of the host's clock, or how many seconds ago. */
  from: { second: number } | { ago: number };
  bucketSeconds: number;
  /** Already a host's pattern; null = nothing is counted as a request. */
  pattern: string | null;
  timeoutMs: number;
};

/** null = the log gave no answer that may be counted: never zero. */
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

/** Without the right to read it, journalctl shows an empty log and only hints at it. */
const blind = /not seeing messages|no journal files were|insufficient permissions/i;

export function countsOf({ code, stdout, stderr }: RemoteResult): LogCounts | null {
  const lines = stdout.trim().split('\n');
  const [word, now, status] = (lines.pop() ?? '').split(' ');
  if (code !== 0 || word !== 'end' || status !== '0' || blind.test(stderr)) return null;
  const buckets = lines.flatMap((line) => {
    const [, age, errors, requests, count] =
      /^bucket (\d+) (\d+) (\d+) (\d+)$/.exec(line)?.map(Number) ?? [];
    if (age === undefined || errors === undefined || requests === undefined) return [];
    return [{ age, errors, requests, lines: count ?? 0 }];
  });
  return { now: Number(now), buckets };
}
