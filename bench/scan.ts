import { execFile } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { plain, seconds, within } from './row.ts';
import type { Row } from './row.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const files = 10_000;
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/** Fills a directory with 10,000 copies of source files of this project. */
function fill(directory: string) {
  const sources = globSync('{activities,client,domain,sandbox,test,worker,workflows}/**/*.ts', {
    cwd: root,
  });
  for (let index = 0; index < files; index += 1) {
    const folder = join(directory, String(index % 100));
    mkdirSync(folder, { recursive: true });
    const source = sources[index % sources.length] ?? '';
    copyFileSync(join(root, source), join(folder, `${index}.ts`));
  }
}

const program = (directory: string) => `
  const { scanTree } = await import(${JSON.stringify(pathToFileURL(join(root, 'activities/gates/scan.ts')).href)});
  const from = performance.now();
  const { filesScanned } = await scanTree(${JSON.stringify(directory)});
  const took = performance.now() - from;
  console.log(JSON.stringify({ filesScanned, took, peak: process.resourceUsage().maxRSS * 1024 }));`;

/** Measures the scan that the secrets gate makes. The scan runs in a separate process. */
export async function scanRows(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-bench-scan-'));
  try {
    fill(directory);
    const args = ['--input-type=module', '-e', program(directory)];
    const { stdout } = await run(process.execPath, args);
    const { filesScanned, took, peak } = JSON.parse(stdout) as Record<string, number>;
    return [
      plain(`secrets: scan of ${filesScanned} files`, seconds(took ?? Number.NaN)),
      within('  peak memory of the scan', peak ?? Number.NaN, 500e6, megabytes),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
