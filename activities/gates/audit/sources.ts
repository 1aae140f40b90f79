import type { Plan } from '../../../domain/plan.ts';
import type { AuditReading } from '../../../domain/policy/audit.ts';
import type { Audit } from '../../../domain/schema.ts';
import type { Git } from '../../git.ts';
import type { GitHub } from '../../github.ts';
import type { AlertKind } from '../../github/alerts.ts';
import { transient } from '../../lib/fail.ts';
import { readOr } from '../report.ts';
import { readAuditReport } from './audit-report.ts';
import { readNpmReport } from './npm-report.ts';
import { runNpmAudit } from './npm.ts';
import { readPipAudit } from './pip-audit.ts';
import { readDocument } from './read-files.ts';
import type { Document } from './read-files.ts';
import { readSarif } from './sarif.ts';

export type SourceDeps = {
  git: Pick<Git, 'readFile' | 'changedAt'>;
  /** null = not configured. */
  github: Pick<GitHub, 'openAlerts' | 'lastAnalysis'> | null;
};
type Sources = Pick<Audit, 'npm' | 'pipAudit' | 'reports' | 'sarif' | 'github'>;
type Said = Omit<Extract<AuditReading, { state: 'read' }>, 'source'> | Failed;
type Failed = { state: 'failed'; why: string };

const failed = (why: string): Failed => ({ state: 'failed', why });

/** Every configured source, read or with the reason why not. */
export async function readSources(
  deps: SourceDeps,
  plan: Plan,
  { npm = [], pipAudit = [], reports = [], sarif = [], github = [] }: Partial<Sources>,
): Promise<AuditReading[]> {
  const file = (path: string, read: (document: Document) => Said) =>
    told(path, () => readFileSource(deps, plan, path, read));
  return Promise.all([
    ...npm.map((directory) =>
      told(`npm audit of ${directory}`, () => npmAudit(deps, plan, directory)),
    ),
    ...pipAudit.map((path) => file(path, pipSource)),
    ...reports.map((path) => file(path, reportSource)),
    ...sarif.map((path) => file(path, sarifSource)),
    ...github.map((kind) => told(`GitHub's ${kind}`, () => alerts(deps, plan, kind))),
  ]);
}

type Answer = Said | { state: 'unavailable'; why: string };

/** What cannot be read for good is told beside the others; what may be read later throws. */
async function told(source: string, read: () => Promise<Answer>): Promise<AuditReading> {
  const errors: string[] = [];
  const answer = await readOr<Answer>(errors, read, failed(''));
  return { source, ...(errors[0] === undefined ? answer : failed(errors[0])) };
}

async function readFileSource(
  { git }: SourceDeps,
  { target: { repository }, sha }: Plan,
  path: string,
  read: (document: Document) => Said,
): Promise<Said> {
  const document = await readDocument(git, { repository, sha }, path);
  if (document) return read(document);
  const where = path.startsWith('/') ? "on the worker's machine" : 'in the tree of this commit';
  return failed(`it is missing ${where}. Let the audit write it, or correct "audit"`);
}

const malformed = failed('it cannot be parsed, so what it found is unknown. Mend what writes it');

function pipSource({ text, at }: Document): Said {
  const findings = readPipAudit(text);
  return findings ? { state: 'read', findings, sha: null, at } : malformed;
}

function reportSource({ text }: Document): Said {
  const report = readAuditReport(text);
  if (!report) return malformed;
  const { findings, sha, at } = report;
  return { state: 'read', findings, sha, at };
}

function sarifSource({ text, at: changed }: Document): Said {
  const log = readSarif(text);
  if (log === 'malformed') return malformed;
  if (log === 'crashed') return failed('its tool says that it did not end well. Run it again');
  return { state: 'read', findings: log.findings, sha: log.sha, at: log.at ?? changed };
}

async function npmAudit(
  { git }: SourceDeps,
  { target: { repository }, sha }: Plan,
  directory: string,
): Promise<Said> {
  const text = await runNpmAudit(git, { repository, sha }, directory);
  if (text === null)
    return failed('there is no package.json with a lock file. Commit one, or correct "audit.npm"');
  const report = readNpmReport(text);
  if ('findings' in report) return { state: 'read', findings: report.findings, sha, at: null };
  if (report.again) throw transient(`The audit waits: ${report.why}.`);
  return failed(report.why);
}

async function alerts({ github }: SourceDeps, plan: Plan, kind: AlertKind): Promise<Answer> {
  if (!github || !plan.github)
    return failed(
      'GitHub is not configured for this project: set "github: owner/name" and its token',
    );
  const reading = await github.openAlerts(plan.github, kind);
  if ('unavailable' in reading) return { state: 'unavailable', why: reading.unavailable };
  const { findings } = reading;
  if (kind !== 'code-scanning') return { state: 'read', findings, sha: plan.sha, at: null };
  const { github: repository, branch, sha } = plan;
  const last = await github.lastAnalysis({ repository, branch, sha });
  if (!last)
    return failed(`it never ran on ${branch}. Let it run there, or correct "audit.github"`);
  if (last.error !== '') return failed('its last analysis ended in an error. Run it again');
  return { state: 'read', findings, sha: last.sha, at: last.at };
}
