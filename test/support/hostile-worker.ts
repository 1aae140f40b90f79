// Runs a hostile build in the place of a worker.
// Usage: node hostile-worker.ts TREE BUILDS, with the JSON of "builds" in plimsoll.yaml.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBuilder } from '../../activities/builds/builder.ts';
import { buildFirst } from '../../activities/platforms/cloudflare/build-first.ts';
import { defaultBuilds } from '../../domain/config/builds.ts';
import type { Builds } from '../../domain/config/builds.ts';

const [root = '', builds = '{}'] = process.argv.slice(2);
const builder = createBuilder({ ...defaultBuilds, ...(JSON.parse(builds) as Partial<Builds>) });
writeFileSync(join(root, 'worker.pid'), String(process.pid));
const source = { repository: 'r', sha: 's', directory: '', environment: null };
await buildFirst({ tree: { root, directory: root, output: root, own: root }, source, builder });
