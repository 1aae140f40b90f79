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
} as const;

type Values = ReturnType<typeof parse>;
const parse = (args: string[]) => parseArgs({ args, options, strict: true }).values;

/**
 * Answers `journalctl -u unit --since @epoch --until @epoch --no-pager -o json|cat|short -n N -p
 * 3`.
 */
export function journalctl(lines: readonly JournalLine[], args: string[]): Answer {
  try {
    const values = parse(args);
    const chosen = select(lines, values);
    const text = chosen.map((line) => `${print(line, values.output)}\n`).join('');
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

function print(line: JournalLine, output: string | undefined): string {
  if (output === 'json') return JSON.stringify(line);
  if (output === 'cat') return line.MESSAGE;
  const at = new Date(Number(line.__REALTIME_TIMESTAMP) / 1000).toISOString();
  return `${at} host ${line.SYSLOG_IDENTIFIER}[${line._PID}]: ${line.MESSAGE}`;
}
