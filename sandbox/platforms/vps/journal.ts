import { createWriteStream } from 'node:fs';

/** One line of the journal as `journalctl -o json` prints it. */
export type JournalLine = {
  __REALTIME_TIMESTAMP: string;
  PRIORITY: string;
  MESSAGE: string;
  _SYSTEMD_UNIT: string;
  _PID: string;
  SYSLOG_IDENTIFIER: string;
  /** The name of the unit. It is set only in messages that systemd itself writes. */
  UNIT?: string;
};

export type Journal = ReturnType<typeof createJournal>;

const kept = 50_000;

/** Keeps the last 50,000 lines in memory and appends every line to `file`. */
export function createJournal(file: string) {
  const lines: JournalLine[] = [];
  const stream = createWriteStream(file, { flags: 'a' });
  stream.on('error', () => {});

  const add = (line: Omit<JournalLine, '__REALTIME_TIMESTAMP'>) => {
    const micros = Math.round((performance.timeOrigin + performance.now()) * 1000);
    const entry = { __REALTIME_TIMESTAMP: String(micros), ...line };
    lines.push(entry);
    if (lines.length > kept) lines.shift();
    if (stream.writable) stream.write(`${JSON.stringify(entry)}\n`);
  };

  return {
    lines: lines as readonly JournalLine[],
    /**
     * Adds one line that the process of a unit has printed. A line may start with a digit in angle
     * brackets, such as <3>. As in systemd, this digit is the priority.
     */
    output(unit: string, pid: number, text: string) {
      const [, level, rest] = /^<([0-7])>(.*)$/s.exec(text) ?? [];
      add({
        PRIORITY: level ?? '6',
        MESSAGE: rest ?? text,
        _SYSTEMD_UNIT: unit,
        _PID: String(pid),
        SYSLOG_IDENTIFIER: unit.replace(/\.service$/, ''),
      });
    },
    manager(unit: string, priority: number, text: string) {
      add({
        PRIORITY: String(priority),
        MESSAGE: text,
        _SYSTEMD_UNIT: 'init.scope',
        _PID: '1',
        SYSLOG_IDENTIFIER: 'systemd',
        UNIT: unit,
      });
    },
    close: () => void stream.end(),
  };
}
