import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** An empty directory of this test file's own, gone when its tests are over. */
export function temporary(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `plimsoll-${name}-`));
  made.push(directory);
  return directory;
}

/** A directory for PATH with one shell script in it; more calls add more. */
export function fakeCommand(directory: string, name: string, script: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return directory;
}
