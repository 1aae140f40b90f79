#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { withNode } from './launch.mjs';

const source = new URL('../client/cli.ts', import.meta.url);
const built = new URL('../dist/client/cli.js', import.meta.url);

await withNode(import.meta.url, async () => {
  if (!existsSync(source)) return void (await import(built.href));
  const { ensureDependencies } = await import('./setup.mjs');
  await ensureDependencies();
  await import(source.href);
});
