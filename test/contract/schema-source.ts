import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { service as cloudflare } from '../../domain/platforms/cloudflare/calls.ts';
import { service as northflank } from '../../domain/platforms/northflank/calls.ts';
import { service as vercel } from '../../domain/platforms/vercel/calls.ts';
import type { VendorService } from '../../domain/services/call.ts';
import { github } from '../../domain/services/github.ts';
import { slack } from '../../domain/services/slack.ts';

/** Every vendor whose answers are checked, by the name of its stand-in. */
export const services = { github, vercel, cloudflare, northflank, slack } as const;
export type ServiceName = keyof typeof services;

type Manifest = { version: string; octokit?: { 'openapi-version': string } };

/** The manifest of an installed package. Some packages do not export theirs. */
function manifestOf(name: string): Manifest {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const path of paths)
    try {
      return JSON.parse(readFileSync(`${path}/${name}/package.json`, 'utf8')) as Manifest;
    } catch {
      continue;
    }
  throw new Error(`${name} is not installed`);
}

/**
 * The version of the vendor's description that this checkout uses. GitHub's description itself is
 * not installed, because it has 400 MB. The installed types name the version of the description
 * from which they were made.
 */
export function installedVersion(vendor: ServiceName): string {
  if (vendor === 'github')
    return manifestOf('@octokit/openapi-types').octokit?.['openapi-version'] ?? 'unknown';
  return manifestOf((services[vendor] as VendorService).specification.name).version;
}

/** Says from what the generated schema of the vendor was made. A test compares it with the file. */
export function sourceOf(vendor: Exclude<ServiceName, 'vercel'>) {
  const { name } = services[vendor].specification;
  const calls =
    vendor === 'github'
      ? github.calls.map(({ call }) => call).join('\n')
      : readFileSync(fileURLToPath(new URL(`answers-${vendor}.ts`, import.meta.url)), 'utf8');
  const asked = createHash('sha256').update(calls).digest('hex').slice(0, 16);
  return { name, version: installedVersion(vendor), asked };
}
