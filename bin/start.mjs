import { withNode } from './launch.mjs';
import { ensureDependencies } from './setup.mjs';

await withNode(import.meta.url, async () => {
  await ensureDependencies();
  await import('../sandbox/demo/demo.ts');
});
