import { parseArgs } from 'node:util';
import type { Answer } from '../journalctl.ts';
import type { JournalLine } from '../journal.ts';
import { no, ok } from './images.ts';

const options = {
  since: { type: 'string' },
  until: { type: 'string' },
  tail: { type: 'string', short: 'n' },
  timestamps: { type: 'boolean', short: 't' },
} as const;

/**
 * Answers `docker logs --since T --until T --tail N -t NAME`. Prints the lines as the program wrote
 * them.
 */
export function logs(lines: readonly JournalLine[], unit: string, args: string[]): Answer {
  try {
    const { values } = parseArgs({ args, options, strict: true, allowPositionals: true });
    const from = micros(values.since) ?? -Infinity;
    const to = micros(values.until) ?? Infinity;
    const found = lines.filter((line) => {
      const at = Number(line.__REALTIME_TIMESTAMP);
      return line._SYSTEMD_UNIT === unit && at >= from && at < to;
    });
    const tail =
      values.tail === undefined || values.tail === 'all' ? Infinity : Number(values.tail);
    const chosen = tail === Infinity ? found : tail === 0 ? [] : found.slice(-tail);
    return ok(chosen.map((line) => `${print(line, values.timestamps ?? false)}\n`).join(''));
  } catch (cause) {
    return no(1, `Error response from daemon: ${(cause as Error).message}`);
  }
}

/**
 * Converts a time to microseconds since 1970. Accepts RFC 3339, seconds since 1970, or a Go
 * duration before now.
 */
function micros(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1e6;
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (parts && text !== '') {
    const [hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((it) => Number(it ?? 0));
    return (Date.now() - (hours * 3600 + minutes * 60 + seconds) * 1000) * 1000;
  }
  const at = Date.parse(text);
  if (Number.isFinite(at)) return at * 1000;
  throw new Error(
    `invalid value for "since": failed to parse value as time or duration: "${text}"`,
  );
}

function print(line: JournalLine, timestamps: boolean): string {
  const text = line.PRIORITY === '6' ? line.MESSAGE : `<${line.PRIORITY}>${line.MESSAGE}`;
  if (!timestamps) return text;
  const micro = Number(line.__REALTIME_TIMESTAMP);
  const at = new Date(Math.floor(micro / 1000)).toISOString().slice(0, -1);
  return `${at}${String(micro % 1000).padStart(3, '0')}000Z ${text}`;
}
