import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closingLine } from './closing-line.mjs';
import { ended, withNode } from './launch.mjs';
import { ensureDependencies } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tools = join(root, 'node_modules', '.bin');
const checks = { lint: ['oxlint', '--type-aware'], format: ['oxfmt', '--check'], types: ['tsc'] };

await withNode(import.meta.url, async () => {
  const args = process.argv.slice(2);
  await ensureDependencies();
  const { ensureEngines } = await import('../test/setup/engines.ts');
  await ensureEngines({ onProgress: (line) => console.error(line) });
  // Arguments mean a developer at one test: the checks of the whole tree are for the whole run.
  const failed = args.length > 0 ? [] : await failedChecks();
  if (failed.length > 0) console.error(`\nFailed: ${failed.map((n) => `npm run ${n}`).join(', ')}`);
  const { line, exitCode } =
    failed.length > 0 ? closingLine({ numFailedTests: failed.length }, 1) : await vitest(args);
  console.log(line);
  process.exitCode = exitCode;
});

async function failedChecks() {
  const failed = [];
  for (const [name, [tool, ...args]] of Object.entries(checks))
    if ((await run(join(tools, tool), args)) !== 0) failed.push(name);
  return failed;
}

async function vitest(args) {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
  const file = join(directory, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  try {
    const code = await run(join(tools, 'vitest'), ['run', ...reporters, ...args]);
    return closingLine(readReport(file), code);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function run(command, args) {
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`;
  const env = { ...process.env, PATH: path };
  const { code } = await ended(spawn(command, args, { cwd: root, stdio: 'inherit', env }));
  return code ?? 1;
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
