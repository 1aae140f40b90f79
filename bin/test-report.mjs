/**
 * Returns how many tests of one vitest run passed, failed and were skipped. `report` is the JSON
 * report of the run, or undefined if vitest wrote no report. `code` is the exit code of vitest. A
 * crash counts as one failed test. A test file that fails outside its tests also counts as one
 * failed test.
 */
export function countsOf(report, code) {
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const broken = (report?.testResults ?? []).filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const counted = (report?.numFailedTests ?? 0) + broken.length;
  const failed = counted === 0 && (code !== 0 || report === undefined) ? 1 : counted;
  return { passed, failed, skipped };
}

/**
 * Returns the line with the sums of all counts, and the exit code. The exit code is 1 if a test
 * failed, or if no test passed.
 */
export function closingLine(counts) {
  const sum = (name) => counts.reduce((total, each) => total + each[name], 0);
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(sum);
  const line = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  return { line, exitCode: failed === 0 && passed > 0 ? 0 : 1 };
}

/**
 * Returns the paths in the first column of the table "What `npm run test:all` adds" in
 * CONTRIBUTING.md.
 */
export function listedNightly(contributing) {
  const [, section = ''] = contributing.split(/^## What `npm run test:all` adds$/m);
  const [own = ''] = section.split(/^## /m);
  return [...own.matchAll(/^\| `([^`]+)`/gm)].map(([, path]) => path);
}

/** Returns those of `files` in which no test passed and no test failed. */
export function unrun(report, files, root) {
  const ran = (report?.testResults ?? [])
    .filter(({ assertionResults }) =>
      assertionResults.some(({ status }) => status === 'passed' || status === 'failed'),
    )
    .map(({ name }) => name);
  return files.filter((file) => !ran.includes(`${root}/${file}`));
}

const cores = 8;

/**
 * Returns lines for people about the ten slowest test files, and about the least time that all
 * files need on eight cores. `times` has `{ file, ms }` of each file: the wall time from its import
 * to its last hook.
 */
export function timeLines(times) {
  const sorted = times.toSorted((a, b) => b.ms - a.ms);
  const all = times.reduce((total, { ms }) => total + ms, 0);
  const [longest] = sorted;
  if (!longest) return [];
  const each = sorted.slice(0, 10).map(({ file, ms }) => `  ${seconds(ms)}  ${file}`);
  return [
    `The slowest files of ${times.length}:`,
    ...each,
    `${seconds(all)}  all files, one after the other`,
    `${seconds(longest.ms)}  the slowest file: ${longest.file}`,
    `${seconds(Math.max(longest.ms, all / cores))}  the shortest possible time on ${cores} cores`,
  ];
}

const seconds = (ms) => `${(ms / 1000).toFixed(1).padStart(7)} s`;
