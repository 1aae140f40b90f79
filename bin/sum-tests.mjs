import { readFileSync } from 'node:fs';
import { closingLines } from './test-report.mjs';

/**
 * Adds up the counts in the files that the arguments name. Prints every failed test and, as the last
 * line, the sums. A file that cannot be read counts as one failure, because its test run failed.
 */
const { lines, exitCode } = closingLines(process.argv.slice(2).map(read));
for (const line of lines) console.log(line);
process.exitCode = exitCode;

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    const failures = [{ name: `the run that writes ${file}`, message: 'it wrote no counts' }];
    return { passed: 0, failed: 1, skipped: 0, failures };
  }
}
