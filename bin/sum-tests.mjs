import { readFileSync } from 'node:fs';
import { closingLine } from './test-report.mjs';

/**
 * Adds up the counts in the files that the arguments name, and prints the sums in one line. A file
 * that cannot be read counts as one failure, because its test run failed.
 */
const { line, exitCode } = closingLine(process.argv.slice(2).map(read));
console.log(line);
process.exitCode = exitCode;

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
