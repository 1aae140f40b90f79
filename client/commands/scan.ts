import { stat } from 'node:fs/promises';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import type { scanDirectory } from '../../worker/scan.ts';
import type { ScanReport } from '../../worker/scan.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { configured } from '../options.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Tools',
  order: 1,
  summary: 'find secrets as the secrets gate does, without showing them; exit 7 if any is found',
};

export const verb: Verb = (command, execute) =>
  configured(command)
    .argument('<directory>', 'the directory to search; symbolic links and .git are left out')
    .option('--project <name>', 'leave out the findings that this project allows in plimsoll.yaml')
    .action((directory, options) => execute((io) => scan(io, directory, options)));

export type ScanOptions = { project?: string; config?: string };

/**
 * Scans a directory for secrets, as the secrets gate does. Exit 0: no secret was found. Exit 7: a
 * secret was found. An empty directory is an error.
 */
export async function scan(
  io: Io,
  directory: string,
  options: ScanOptions,
  scan?: typeof scanDirectory,
): Promise<number> {
  await assertDirectory(directory);
  const search = scan ?? (await import('../../worker/scan.ts')).scanDirectory;
  const report = await search(directory, options);
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
    const ended = expired ? `, was allowed until ${expired.until}: "${expired.reason}"` : '';
    return `${file}:${line} contains a secret (${rule}, ${fingerprint}${ended})`;
  });
  const also = allowed.length > 0 ? `, ${allowed.length} allowed` : '';
  return [...found, `${files} files scanned, ${against.length} secrets${also}`].join('\n');
}

async function assertDirectory(directory: string) {
  const found = await stat(directory).catch(() => null);
  if (found?.isDirectory()) return;
  throw new UserError(
    `${directory} ${found ? 'is not a directory' : 'does not exist'}: nothing was scanned.\n` +
      `Name a directory: ${plimsoll} scan .`,
    exitCodes.usage,
  );
}

const nothingScanned = (directory: string) =>
  new UserError(
    `There is no file in ${directory}: an empty scan proves nothing.\n` +
      `Name the directory that is deployed: ${plimsoll} scan .`,
    exitCodes.failed,
  );

const mostShown = 5;

function crashed(files: string[]): UserError {
  const rest = files.length - mostShown;
  const more = rest > 0 ? ` and ${rest} more` : '';
  return new UserError(
    `${files.slice(0, mostShown).join(', ')}${more} crashed, so these files may contain secrets.\n` +
      'Make these files readable, or remove them, and scan again.',
    exitCodes.failed,
  );
}
