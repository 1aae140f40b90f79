import { z } from 'zod';
import type { AuditFinding } from '../../../domain/gates/audit.ts';
import { parseAs } from './parse.ts';

const Audited = z.object({
  name: z.string(),
  version: z.string(),
  vulns: z.array(
    z.object({ id: z.string().min(1), fix_versions: z.array(z.string()).default([]) }),
  ),
});
const Skipped = z.object({
  name: z.string(),
  skip_reason: z.string(),
  vulns: z.array(z.never()).optional(),
});
/** A package with `skip_reason` was not audited, even if it also has an empty list `vulns`. */
const Dependency = z.union([Skipped, Audited.extend({ skip_reason: z.undefined().optional() })]);
const PipAudit = z.object({ dependencies: z.array(Dependency) });

/**
 * Reads the output of `pip-audit --format json`. The output contains no severities. Returns null if
 * the output is malformed or lists no package.
 */
export function readPipAudit(text: string): AuditFinding[] | null {
  const report = parseAs(PipAudit, text);
  if (!report || report.dependencies.length === 0) return null;
  return report.dependencies.flatMap((it): AuditFinding[] => {
    if ('skip_reason' in it)
      return [
        finding(
          `skipped:${it.name}`,
          it.name,
          'pip-audit skipped this package, so nothing is known about it',
        ),
      ];
    return it.vulns.map(({ id, fix_versions: [fixed] }) =>
      finding(id, `${it.name} ${it.version}`, fixed ? `fixed in ${fixed}` : 'not fixed yet'),
    );
  });
}

const finding = (id: string, where: string, title: string): AuditFinding => ({
  ...{ id, where, title },
  severity: 'unknown',
});
