import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter } from 'vitest/node';

/**
 * Returns a Vitest reporter that writes the duration of every test file to `path`, as a list of `{
 * file, ms }`. The duration starts before the test file is imported and ends after the last hook of
 * the file.
 */
export function fileTimes(path: string): Reporter {
  const begun = new Map<string, number>();
  const times: { file: string; ms: number }[] = [];
  return {
    onTestModuleQueued: ({ moduleId }) => void begun.set(moduleId, performance.now()),
    onTestModuleEnd({ moduleId }) {
      const ms = performance.now() - (begun.get(moduleId) ?? Number.NaN);
      times.push({ file: relative(process.cwd(), moduleId), ms });
    },
    onTestRunEnd: () => writeFileSync(path, JSON.stringify(times)),
  };
}
