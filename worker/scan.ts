import { scanTree } from '../activities/gates/scan.ts';
import { sortFindings } from '../domain/gates/allowances.ts';
import type { Sorted } from '../domain/gates/allowances.ts';
import { loadConfig } from './config/config.ts';
import { UserError } from '../domain/lib/user-error.ts';

export type ScanReport = Sorted & { files: number; crashed: string[] };
type Allowed = { project: string; config: string };

/** Scans a directory as the secrets gate does. If a project is given, its allowances apply. */
export async function scanDirectory(
  directory: string,
  { project, config }: Partial<Allowed>,
): Promise<ScanReport> {
  const allow =
    project === undefined ? [] : await allowances({ project, config: config ?? 'plimsoll.yaml' });
  const { filesScanned, crashedRules, findings } = await scanTree(directory);
  const sorted = sortFindings(findings, allow, new Date().toISOString());
  return { files: filesScanned, crashed: crashedRules, ...sorted };
}

async function allowances({ project, config }: Allowed) {
  const { projects } = await loadConfig(config);
  const found = Object.hasOwn(projects, project) ? projects[project] : undefined;
  if (found) return found.secrets?.allow ?? [];
  throw new UserError(
    `${config} has no project "${project}". Nothing was scanned.\n` +
      `Known projects: ${Object.keys(projects).join(', ') || 'none'}.`,
    2,
  );
}
