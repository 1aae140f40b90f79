import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { narrator } from '../demo/narrate.ts';
import { endOnSignal } from '../end-on-signal.ts';
import { openPractice } from './open.ts';
import type { Practice } from './open.ts';
import { environmentText, pageText } from './page.ts';

const [name = 'shop'] = process.argv.slice(2);
const file = join('.plimsoll', 'practice.env');
const directory = mkdtempSync(join(tmpdir(), 'plimsoll-practice-'));
const tell = narrator(process.stderr);

let practice: Practice | undefined;
let closing: Promise<void> | undefined;
const close = () => (closing ??= closeAll());

async function closeAll() {
  await practice?.close();
  for (const path of [directory, file]) rmSync(path, { recursive: true, force: true });
}

endOnSignal(close);

try {
  practice = await openPractice({ name, directory, home: process.env['HOME'] || homedir(), tell });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, environmentText(practice), { mode: 0o600 });
  process.stdout.write(pageText(practice, file));
} catch (cause) {
  await close();
  process.stderr.write(`${(cause as Error).message}\n`);
  process.exit(1);
}
