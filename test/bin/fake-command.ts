import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** Makes an empty directory. The directory is deleted after the last test of the test file. */
export function temporary(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `plimsoll-${name}-`));
  made.push(directory);
  return directory;
}

/**
 * Writes a shell script into `directory`, as a command with the name `name`. Returns `directory`,
 * so that a test can add it to PATH.
 */
export function fakeCommand(directory: string, name: string, script: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return directory;
}
