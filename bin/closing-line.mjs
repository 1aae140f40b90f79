/**
 * The plain last line of a test run, from vitest's JSON report (undefined = it wrote none) and exit code.
 * A crash, a file that could not be read, or a run without a test is never a pass.
 */
export function closingLine(report, code) {
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const broken = (report?.testResults ?? []).filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const counted = (report?.numFailedTests ?? 0) + broken.length;
  const failed = counted === 0 && code !== 0 ? 1 : counted;
  const line = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  return { line, exitCode: failed === 0 && passed > 0 ? 0 : 1 };
}
