import { z } from 'zod';
import type { AuditFinding } from '../../../domain/policy/audit.ts';
import { parseAs } from './parse.ts';

const Dependency = z.union([
  z.object({
    name: z.string(),
    version: z.string(),
    vulns: z.array(
      z.object({ id: z.string().min(1), fix_versions: z.array(z.string()).default([]) }),
    ),
  }),
  z.object({ name: z.string(), skip_reason: z.string() }),
]);
const PipAudit = z.object({ dependencies: z.array(Dependency) });

/** What `pip-audit --format json` wrote. It knows no severity. null = malformed, or no package was looked at. */
export function readPipAudit(text: string): AuditFinding[] | null {
  const report = parseAs(PipAudit, text);
  if (!report || report.dependencies.length === 0) return null;
  return report.dependencies.flatMap((it): AuditFinding[] => {
    if ('skip_reason' in it)
      return [finding(`skipped:${it.name}`, it.name, 'pip-audit left it out, nothing is known')];
    return it.vulns.map(({ id, fix_versions: [fixed] }) =>
      finding(id, `${it.name} ${it.version}`, fixed ? `mended in ${fixed}` : 'not mended yet'),
    );
  });
}

const finding = (id: string, where: string, title: string): AuditFinding => ({
  ...{ id, where, title },
  severity: 'unknown',
});
