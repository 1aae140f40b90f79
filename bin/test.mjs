import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ended, withNode } from './launch.mjs';
import { cacheDirectory } from './node.mjs';
import { ensureDependencies } from './setup.mjs';
import {
  closingLines,
  countsOf,
  failuresOf,
  listedNightly,
  mergedReport,
  mostSecondTries,
  timeLines,
  unrun,
} from './test-report.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tools = join(root, 'node_modules', '.bin');
const checks = { lint: ['oxlint', '--type-aware'], format: ['oxfmt', '--check'], types: ['tsc'] };
const lanes = { fast: ['--project=!nightly'], nightly: ['--project=nightly'], all: [] };

await withNode(import.meta.url, async () => {
  const { lane, counts, secondTry, args } = parse(process.argv.slice(2));
  await ensureDependencies();
  const { ensureEngines } = await import('../test/setup/engines.ts');
  await ensureEngines({ onProgress: (line) => console.error(line) });
  // With arguments, only the named tests run, without lint, format and types.
  const whole = args.length === 0;
  const [red, first] = await Promise.all([
    whole && lane !== 'nightly' ? failedChecks() : [],
    vitest([...lanes[lane], ...args]),
  ]);
  const tested = secondTry ? await tryAgain(first, lanes[lane]) : first;
  const missed = whole && lane !== 'fast' ? missedNightly(tested.report) : [];
  for (const line of timeLines(tested.times)) console.log(line);
  const failures = [
    ...tested.failures,
    ...red.map(({ name, output }) => ({ name: `npm run ${name}`, message: output.trim() })),
    ...missed.map((file) => ({
      name: file,
      message: 'listed in CONTRIBUTING.md, but did not run',
    })),
  ];
  const counted = countsOf(tested.report, tested.code);
  const failed = counted.failed + red.length + missed.length;
  const sum = { ...counted, failed, failures, flaky: tested.flaky };
  const { lines, exitCode } = closingLines([sum]);
  if (counts) writeFileSync(counts, JSON.stringify(sum));
  else for (const line of lines) console.log(line);
  process.exitCode = exitCode;
});

/**
 * Separates the arguments of this script from the arguments of vitest. The arguments of this script
 * come first: `--all` or `--nightly`, then `--counts=FILE`, then `--second-try`. With `--counts`,
 * the counts and the failures are written to FILE and not printed. With `--second-try`, a failed
 * file runs once more.
 */
function parse(given) {
  const args = [...given];
  const take = (pattern) => (pattern.test(args[0] ?? '') ? args.shift() : undefined);
  const named = take(/^--(all|nightly)$/)?.slice(2);
  const counts = take(/^--counts=/)?.slice('--counts='.length);
  const secondTry = take(/^--second-try$/) !== undefined;
  // If an argument names a nightly file, the nightly lane runs too.
  const lane = named ?? (args.some((arg) => arg.includes('.nightly')) ? 'all' : 'fast');
  return { lane, counts, secondTry, args };
}

/** Runs lint, format and types at the same time. Returns the failed checks with their output. */
async function failedChecks() {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, [tool, ...args]]) => {
      const child = start(join(tools, tool), args, { stdio: ['ignore', 'pipe', 'pipe'] });
      const [out, err, { code }] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        ended(child),
      ]);
      return { name, code, output: out + err };
    }),
  );
  return results.filter(({ code }) => code !== 0);
}

async function vitest(args) {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
  try {
    const env = {
      PLIMSOLL_TEST_REPORT: directory,
      NODE_COMPILE_CACHE: join(cacheDirectory(), 'compiled'),
    };
    const options = { stdio: 'inherit', env };
    const { code } = await ended(start(join(tools, 'vitest'), ['run', ...args], options));
    const report = readJson(join(directory, 'report.json'));
    const times = readJson(join(directory, 'times.json')) ?? [];
    return { report, code: code ?? 1, times, failures: failuresOf(report, root), flaky: [] };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Runs the files with failed tests once more, one file after the other. A test that passes now is
 * flaky. It counts as passed, and its first failure is printed. If many files failed, or if vitest
 * itself failed, no file runs again.
 */
async function tryAgain(first, lane) {
  const files = [...new Set(first.failures.map(({ file }) => file))];
  if (files.length === 0 || files.length > mostSecondTries) return first;
  console.log(`\nA second try for ${files.join(', ')}`);
  const second = await vitest([...lane, '--no-file-parallelism', ...files]);
  if (!second.report) return first;
  const report = mergedReport(first.report, second.report);
  const still = new Set(second.failures.map(({ name }) => name));
  const flaky = first.failures.filter(({ name }) => !still.has(name));
  return { report, code: second.code, times: first.times, failures: second.failures, flaky };
}

function start(command, args, { env = {}, ...options }) {
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`;
  return spawn(command, args, {
    ...options,
    cwd: root,
    env: { ...process.env, ...env, PATH: path },
  });
}

function missedNightly(report) {
  return unrun(report, listedNightly(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')), root);
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
