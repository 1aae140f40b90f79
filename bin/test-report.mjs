/**
 * Returns the numbers of tests that passed, failed and were skipped in one vitest run. `report` is
 * the JSON report of the run, or undefined if vitest wrote no report. `code` is the exit code of
 * vitest. A crash counts as one failed test. A test file that fails outside its tests also counts
 * as one failed test.
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
 * Returns the failed tests of a JSON report as `{ file, name, message }`. `file` is relative to
 * `root`. A file that failed outside its tests is one failure without a test name.
 */
export function failuresOf(report, root) {
  return (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length > 0)
      return failed.map(({ fullName, failureMessages }) => ({
        file,
        name: `${file} > ${fullName}`,
        message: failureMessages.join('\n'),
      }));
    return status === 'failed' ? [{ file, name: file, message: message ?? '' }] : [];
  });
}

/**
 * The largest number of failed files that run again. If more files fail, the cause is not chance.
 */
export const mostSecondTries = 5;

/**
 * Merges two JSON reports. A file in both reports has the results of `second`. Without `second`,
 * returns `first`.
 */
export function mergedReport(first, second) {
  if (!second) return first;
  const again = new Set(second.testResults.map(({ name }) => name));
  const testResults = [
    ...first.testResults.filter(({ name }) => !again.has(name)),
    ...second.testResults,
  ];
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const count = (...states) => all.filter(({ status }) => states.includes(status)).length;
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending', 'skipped', 'disabled'),
    numTodoTests: count('todo'),
    testResults,
  };
}

const mostLines = 12;

/**
 * Returns the lines to print after one or more runs, and the exit code. Each run is `{ passed,
 * failed, skipped, failures, flaky }`. The lines contain every failure and every flaky test, with
 * the beginning of its message. The last line is the sum of all runs, such as `5 passed, 0 failed,
 * 1 skipped`. The exit code is 1 if a test failed, or if no test passed.
 */
export function closingLines(runs) {
  const sum = (name) => runs.reduce((total, each) => total + each[name], 0);
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(sum);
  const told = (title, key) =>
    runs
      .flatMap((run) => run[key] ?? [])
      .flatMap(({ name, message }) => [
        `${title}: ${name}`,
        ...message
          .trim()
          .split('\n')
          .slice(0, mostLines)
          .map((line) => `  ${line}`),
      ]);
  const lines = [
    ...told('Failed', 'failures'),
    ...told('Failed once, passed on the second try', 'flaky'),
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
  ];
  return { lines, exitCode: failed === 0 && passed > 0 ? 0 : 1 };
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

/** Returns the files in which no test passed and no test failed. */
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
 * Returns lines about the ten slowest test files, and about the shortest possible time of all files
 * on eight cores. `times` contains `{ file, ms }` for each file. `ms` is the wall time from the
 * import of the file to its last hook.
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
