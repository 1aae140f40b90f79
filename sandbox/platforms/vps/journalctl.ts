import { parseArgs } from 'node:util';
import type { JournalLine } from './journal.ts';

export type Answer = { code: number; stdout: string; stderr: string };

const options = {
  unit: { type: 'string', short: 'u' },
  since: { type: 'string', short: 'S' },
  until: { type: 'string', short: 'U' },
  output: { type: 'string', short: 'o' },
  lines: { type: 'string', short: 'n' },
  priority: { type: 'string', short: 'p' },
  'no-pager': { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  all: { type: 'boolean', short: 'a' },
} as const;

type Values = ReturnType<typeof parse>;
const parse = (args: string[]) => parseArgs({ args, options, strict: true }).values;

/**
 * Answers `journalctl -u unit --since @epoch --until @epoch --no-pager -a -o json|cat|short -n N
 * -p 3`.
 */
export function journalctl(lines: readonly JournalLine[], args: string[]): Answer {
  try {
    const values = parse(args);
    const chosen = select(lines, values);
    const text = chosen.map((line) => `${print(line, values)}\n`).join('');
    const none = chosen.length === 0 && values.output !== 'json' && !values.quiet;
    return { code: 0, stdout: none ? '-- No entries --\n' : text, stderr: '' };
  } catch (cause) {
    return { code: 1, stdout: '', stderr: `journalctl: ${(cause as Error).message}\n` };
  }
}

function select(lines: readonly JournalLine[], values: Values): JournalLine[] {
  const unit = values.unit?.replace(/(\.service)?$/, '.service');
  const from = micros(values.since) ?? -Infinity;
  const to = micros(values.until) ?? Infinity;
  const worst = values.priority === undefined ? 7 : Number(values.priority);
  const found = lines.filter((line) => {
    const at = Number(line.__REALTIME_TIMESTAMP);
    const ours = unit === undefined || line._SYSTEMD_UNIT === unit || line.UNIT === unit;
    return ours && at >= from && at <= to && Number(line.PRIORITY) <= worst;
  });
  return values.lines === undefined ? found : found.slice(-Number(values.lines) || found.length);
}

function micros(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^@(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  if (seconds === undefined) throw new Error(`Failed to parse timestamp: ${text}`);
  return Number(seconds) * 1_000_000;
}

/**
 * Returns a message in the form that journalctl of systemd 252 prints. A message over 4096 bytes
 * becomes null, unless `-a` is given. A message becomes a list of bytes if it is not UTF-8, or if
 * it has control characters other than tab and newline.
 */
function message(text: string, all: boolean | undefined): string | number[] | null {
  const bytes = Buffer.from(text);
  if (bytes.length >= 4096 && !all) return null;
  // oxlint-disable-next-line no-control-regex -- the journal does not print these characters
  const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]/.test(text);
  return unprintable ? [...bytes] : text;
}

function print(line: JournalLine, { output, all }: Values): string {
  if (output === 'json') return JSON.stringify({ ...line, MESSAGE: message(line.MESSAGE, all) });
  if (output === 'cat') return line.MESSAGE;
  const at = new Date(Number(line.__REALTIME_TIMESTAMP) / 1000).toISOString();
  return `${at} host ${line.SYSLOG_IDENTIFIER}[${line._PID}]: ${line.MESSAGE}`;
}
