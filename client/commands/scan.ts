import { stat } from 'node:fs/promises';
import { plimsoll } from '../../domain/messages.ts';
import { scanDirectory } from '../../worker/scan.ts';
import type { ScanReport } from '../../worker/scan.ts';
import { clean } from '../clean.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';

export type ScanOptions = { project?: string; config?: string };

/** The secrets gate's scan of a directory: exit 0 nothing found, 7 secrets; nothing scanned is an error. */
export async function scan(
  io: Io,
  directory: string,
  options: ScanOptions,
  look = scanDirectory,
): Promise<number> {
  await assertDirectory(directory);
  const report = await look(directory, options);
  if (report.files === 0 && report.crashed.length === 0) throw nothingScanned(directory);
  const findings = report.against.map(({ file, line, rule, fingerprint }) => ({
    ...{ file, line, rule, fingerprint },
  }));
  io.data({ files: report.files, findings }, textOf(clean(report)));
  if (report.crashed.length > 0) throw crashed(clean(report.crashed));
  return findings.length > 0 ? exitCodes.gateClosed : exitCodes.ok;
}

function textOf({ files, against, allowed }: ScanReport): string {
  const found = against.map(({ file, line, rule, fingerprint, expired }) => {
    const ended = expired ? `, allowed until ${expired.until}: "${expired.reason}"` : '';
    return `${file}:${line} holds a secret (${rule}, ${fingerprint}${ended})`;
  });
  const also = allowed.length > 0 ? `, ${allowed.length} allowed` : '';
  return [...found, `${files} files scanned, ${against.length} secrets${also}`].join('\n');
}

async function assertDirectory(directory: string) {
  const found = await stat(directory).catch(() => null);
  if (found?.isDirectory()) return;
  throw new UserError(
    `${directory} is ${found ? 'not a directory' : 'not there'}: nothing was scanned.\n` +
      `Name a directory: ${plimsoll} scan .`,
    exitCodes.usage,
  );
}

const nothingScanned = (directory: string) =>
  new UserError(
    `No file lies in ${directory}: an empty scan proves nothing.\n` +
      `Name the directory that is shipped: ${plimsoll} scan .`,
    exitCodes.failed,
  );

const mostShown = 5;

function crashed(files: string[]): UserError {
  const rest = files.length - mostShown;
  const more = rest > 0 ? ` and ${rest} more` : '';
  return new UserError(
    `${files.slice(0, mostShown).join(', ')}${more} crashed: what it would have found is unknown.\n` +
      'Make these files readable, or remove them, and scan again.',
    exitCodes.failed,
  );
}
